/**
 * Binary attributes on the short way (shortcut-codecs.ts): octets in the SDK's inputs and outputs,
 * base64 in DynamoDB's JSON. Only whole attributes of items that are put or read, none inside
 * lists and maps, and none in keys: more is not stored.
 */

type Attribute = { readonly [type: string]: unknown };
type Item = { readonly [name: string]: Attribute };

interface Input {
  readonly Item?: Item;
}

interface Output {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: { readonly [table: string]: readonly Item[] };
}

/** The input of PutItem as its JSON is; any other as it is. */
export function withBase64(input: Input): object {
  if (input.Item === undefined) return input;
  const item: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(input.Item)) {
    const { B } = attribute;
    item[name] =
      B instanceof Uint8Array
        ? { B: Buffer.from(B.buffer, B.byteOffset, B.byteLength).toString('base64') }
        : attribute;
  }
  return { ...input, Item: item };
}

/** The output that the JSON says. Inside a string the quotes of `"B":"` would be escaped: without it nothing is binary. */
export function withOctets(json: string): object {
  const output = JSON.parse(json) as Output;
  if (!json.includes('"B":"')) return output;
  for (const item of itemsOf(output)) {
    for (const attribute of Object.values(item) as { B?: unknown }[])
      if (typeof attribute.B === 'string') attribute.B = octetsOf(attribute.B);
  }
  return output;
}

function octetsOf(base64: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(base64, 'base64');
  return new Uint8Array(buffer, byteOffset, length);
}

function itemsOf({ Item, Items = [], Responses = {} }: Output): readonly Item[] {
  return [...(Item ? [Item] : []), ...Items, ...Object.values(Responses).flat()];
}
