/**
 * BODY (RFC 3501 7.4.2) out of the stored BODYSTRUCTURE wire text: the same without extension
 * data. The text is our own indexer's, so anything unexpected is a bug.
 */
import assert from 'node:assert/strict';

/** A token or a list, as a piece of the text. */
interface Node {
  readonly text: string;
  readonly items: readonly Node[] | undefined;
}

/** BODY's wire text. */
export function bodyText(bodyStructure: string): string {
  const reader = { text: bodyStructure, at: 0 };
  const node = read(reader);
  assert.equal(reader.at, bodyStructure.length, 'text after a body structure');
  return trimmed(node);
}

const tokenPattern = /"(?:[^"\\]|\\.)*"|[^ ()"]+/y;

function read(reader: { readonly text: string; at: number }): Node {
  const start = reader.at;
  if (reader.text[start] !== '(') {
    tokenPattern.lastIndex = start;
    const token = tokenPattern.exec(reader.text)?.[0];
    assert.ok(token, 'broken body structure');
    reader.at += token.length;
    return { text: token, items: undefined };
  }
  const items: Node[] = [];
  reader.at++;
  while (reader.text[reader.at] !== ')') {
    assert.ok(reader.at < reader.text.length, 'broken body structure');
    if (reader.text[reader.at] === ' ') reader.at++;
    else items.push(read(reader));
  }
  reader.at++;
  return { text: reader.text.slice(start, reader.at), items };
}

/** body = "(" (body-type-1part / body-type-mpart) ")". */
function trimmed(body: Node): string {
  const fields = body.items ?? [];
  const parts = fields.findIndex(({ items }) => items === undefined);
  if (parts > 0) return `(${fields.slice(0, parts).map(trimmed).join('')} ${fields[parts]?.text})`;
  return `(${basicFields(fields).join(' ')})`;
}

/** Type, subtype, parameters, id, description, encoding, octets; then what the type adds. */
function basicFields(fields: readonly Node[]): readonly string[] {
  const basic = fields.slice(0, 7).map(({ text }) => text);
  const [envelope, inner, lines] = fields.slice(7);
  // Only an embedded message has an envelope there; text has its lines, all others MD5.
  if (envelope?.items && inner) return [...basic, envelope.text, trimmed(inner), lines?.text ?? '0'];
  const isText = fields[0]?.text.toLowerCase() === '"text"';
  return isText ? [...basic, envelope?.text ?? '0'] : basic;
}
