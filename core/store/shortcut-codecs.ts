/**
 * The hot operations on the short way (shortcut.ts): items of DynamoDB, objects of S3 in path
 * style, a waiting Lambda invocation. Only inputs of which every member is known here are taken.
 * No checksum goes along: the octets do not leave the process.
 */
import { withBase64, withOctets } from './binary-attributes.ts';
import type { Codec, Codecs, PlainRequest, PlainResponse } from './shortcut.ts';

const target = 'DynamoDB_20120810.';

/** DynamoDB's JSON is the SDK's input and output as they are, but for binary attributes (binary-attributes.ts). */
function dynamo(operation: string): [string, Codec] {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `${target}${operation}`,
  };
  return [
    `${operation}Command`,
    {
      request: (input) => ({
        ...request('POST', '/', headers),
        input: withBase64(input) as Record<string, unknown>,
      }),
      output: ({ body }) => withOctets(textOf(body)),
    },
  ];
}

/** Without TransactWriteItems, of which the SDK numbers the input. */
export const dynamoCodecs: Codecs = new Map(
  ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'BatchGetItem', 'BatchWriteItem'].map(dynamo),
);

interface PutInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body: Uint8Array;
  readonly IfNoneMatch?: string;
}

interface GetInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Range: string;
}

const putObject: Codec = {
  request(input) {
    if (!hasOnly(input, ['Bucket', 'Key', 'Body', 'IfNoneMatch'])) return undefined;
    const { Bucket, Key, Body, IfNoneMatch } = input as PutInput;
    if (!(Body instanceof Uint8Array)) return undefined;
    const headers: Record<string, string> = {
      'content-type': 'application/octet-stream',
      'content-length': String(Body.length),
    };
    if (IfNoneMatch !== undefined) headers['if-none-match'] = IfNoneMatch;
    return request('PUT', objectPath(Bucket, Key), headers, Body);
  },
  output: ({ headers }) => ({ ETag: headers.etag }),
};

const getObject: Codec = {
  request(input) {
    if (!hasOnly(input, ['Bucket', 'Key', 'Range'])) return undefined;
    const { Bucket, Key, Range } = input as GetInput;
    return request('GET', objectPath(Bucket, Key), { range: Range });
  },
  output: ({ headers, body }) => ({
    ETag: headers.etag,
    ContentLength: Number(headers['content-length']),
    Body: new ObjectOctets(body),
  }),
};

export const s3Codecs: Codecs = new Map([
  ['PutObjectCommand', putObject],
  ['GetObjectCommand', getObject],
]);

const invoke: Codec = {
  request(input) {
    if (!hasOnly(input, ['FunctionName', 'Payload'])) return undefined;
    const { FunctionName, Payload } = input as { FunctionName: string; Payload: Uint8Array };
    const path = `/2015-03-31/functions/${encodeURIComponent(FunctionName)}/invocations`;
    return request('POST', path, { 'content-type': 'application/octet-stream' }, Payload);
  },
  output: ({ statusCode, headers, body }) => ({
    StatusCode: statusCode,
    FunctionError: headers['x-amz-function-error'],
    Payload: octetsOf(body),
  }),
};

export const lambdaCodecs: Codecs = new Map([['InvokeCommand', invoke]]);

/** An object's octets, whole or as they come: as much as the adapters use of the SDK's streams. */
class ObjectOctets {
  readonly #body: Uint8Array | AsyncIterable<Uint8Array>;

  constructor(body: unknown) {
    this.#body = body as Uint8Array | AsyncIterable<Uint8Array>;
  }

  async transformToByteArray(): Promise<Uint8Array> {
    if (this.#body instanceof Uint8Array) return this.#body;
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (!(this.#body instanceof Uint8Array)) yield* this.#body;
    else if (this.#body.length > 0) yield this.#body;
  }
}

function request(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Uint8Array | string,
): PlainRequest {
  return { method, protocol: 'http:', hostname: 'localhost', path, headers, ...(body && { body }) };
}

function hasOnly(input: object, known: readonly string[]): boolean {
  for (const name in input) if (!known.includes(name)) return false;
  return true;
}

function objectPath(bucket: string, key: string): string {
  const plain = /^[\w./-]*$/.test(key);
  return `/${bucket}/${plain ? key : key.split('/').map(encodeURIComponent).join('/')}`;
}

function textOf(body: PlainResponse['body']): string {
  if (typeof body !== 'string') throw new TypeError('an answer that should be text is not');
  return body;
}

/** Answers of an invocation are in memory. */
function octetsOf(body: PlainResponse['body']): Buffer {
  if (!(body instanceof Uint8Array)) throw new TypeError('an answer that should be whole is a stream');
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
