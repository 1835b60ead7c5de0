/**
 * GetObject and HeadObject. Small bodies come from their row, small ranges are read in place, large
 * ones stream from their segments; a ranged read touches only the bytes it sends.
 */
import { Readable } from 'node:stream';
import { NO_BYTES } from '../bytes.ts';
import type { AwsResponse } from '../types.ts';
import { type Bodies, SMALL_READ_BYTES } from './bodies.ts';
import { checkRead } from './conditions.ts';
import { noSuchKey, requireBucket, type S3Call, type S3Operation } from './context.ts';
import { S3Error } from './error.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import type { ObjectHead } from './object-table.ts';
import { type ByteRange, parseRange } from './range.ts';

/** How often a read starts over because the object was replaced while it was opened. */
const MAX_TRIES = 5;

const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

export const getObject: S3Operation = async (call) => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer = await answerRead(call, true);
    if (answer) return answer;
  }
  throw new S3Error(500, 'InternalError', 'The object changes too fast to be read.');
};

export const headObject: S3Operation = async (call) => (await answerRead(call, false)) ?? notReached();

function notReached(): never {
  throw new Error('a HEAD opens no body');
}

/** @returns undefined when the body vanished between its row and its file: the key was overwritten. */
async function answerRead(call: S3Call, withBody: boolean): Promise<AwsResponse | undefined> {
  requireBucket(call);
  const { address, request } = call;
  const head = call.objects.head(address.bucket, address.key);
  if (!head) throw noSuchKey(address.key);
  const headers = { ...objectHeaders(head), ...overrides(request.query) };
  if (checkRead(request.headers, head) === 'notModified') return { status: 304, headers, body: NO_BYTES };
  const range = parseRange(request.headers.range, head.sizeBytes);
  const { start, end } = range ?? { start: 0, end: head.sizeBytes };
  const body = withBody ? await openBody(call, head, { start, end }) : NO_BYTES;
  await call.storage.settled();
  if (!body) return undefined;
  headers['content-length'] = String(end - start);
  if (withBody) call.usage.bytesOut = end - start;
  if (range) {
    headers['content-range'] = `bytes ${start}-${end - 1}/${head.sizeBytes}`;
    return { status: 206, headers, body };
  }
  const wanted = request.headers['x-amz-checksum-mode'] === 'ENABLED';
  return { status: 200, headers: wanted ? { ...headers, ...checksumHeaders(head.checksum) } : headers, body };
}

function overrides(query: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  if (query.size === 0) return found;
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value !== null) found[name] = value;
  }
  return found;
}

async function openBody(
  call: S3Call,
  head: ObjectHead,
  { start, end }: ByteRange,
): Promise<AwsResponse['body'] | undefined> {
  if (head.segments.length === 0) return call.objects.body(head, start, end);
  if (end - start <= SMALL_READ_BYTES) return readSegments(call, head, { start, end });
  return openSegments(call, head, { start, end });
}

/** As `openSegments`, at once. */
export function readSegments(
  { bodies }: Pick<S3Call, 'bodies'>,
  head: ObjectHead,
  range: ByteRange,
): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const { name, from, to } of readsOf(head, range)) {
    const part = bodies.read(name, from, to);
    if (!part) return undefined;
    parts.push(part);
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** Opens the first segment at once (so a vanished object shows before the answer) and the others in turn. */
export async function openSegments(
  { bodies }: Pick<S3Call, 'bodies'>,
  head: ObjectHead,
  range: ByteRange,
): Promise<Readable | undefined> {
  const [first, ...others] = readsOf(head, range);
  if (!first) return Readable.from([]);
  const opened = await bodies.open(first.name, first.from, first.to);
  if (!opened || others.length === 0) return opened;
  const stream = Readable.from(inTurn(opened, others, bodies), { objectMode: false });
  // A stream that nobody began to read has not reached the first segment either.
  return stream.once('close', () => opened.destroy());
}

/** Bytes `from` (included) to `to` (excluded) of a body. */
interface SegmentRead {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function readsOf({ segments }: ObjectHead, { start, end }: ByteRange): readonly SegmentRead[] {
  const reads: SegmentRead[] = [];
  let offset = 0;
  for (const { name, sizeBytes } of segments) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, sizeBytes);
    if (from < to) reads.push({ name, from, to });
    offset += sizeBytes;
  }
  return reads;
}

async function* inTurn(
  opened: Readable,
  others: readonly SegmentRead[],
  bodies: Bodies,
): AsyncGenerator<Uint8Array> {
  yield* opened;
  for (const { name, from, to } of others) {
    const body = await bodies.open(name, from, to);
    if (!body) throw new Error('the object was replaced while it was read');
    yield* body;
  }
}
