/**
 * The `aws-chunked` framing SDKs wrap around streamed uploads: hex size, optional
 * signature (not checked: the embedded AWS has no secrets), data, then trailers.
 * Every line and the sum of chunks are bounded; data passes through without copies.
 */
import { asBuffer, type Body, pieces } from '../bytes.ts';
import { S3Error } from './error.ts';

const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

/** Filled while the data is read; complete once the stream ended. Names are lower case. */
export type Trailers = Map<string, string>;

export function isAwsChunked(headers: Readonly<Record<string, string>>): boolean {
  return (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
}

/** The payload in pieces. @throws S3Error IncompleteBody, InvalidRequest */
export async function* decodeAwsChunked(body: Body, trailers: Trailers): AsyncGenerator<Uint8Array> {
  const lines = new LineReader();
  let state: 'size' | 'data' | 'dataEnd' | 'trailer' | 'done' = 'size';
  let left = 0;
  for await (const piece of pieces(body)) {
    let rest = asBuffer(piece);
    while (rest.length > 0) {
      if (state === 'data') {
        const data = rest.subarray(0, left);
        yield data;
        left -= data.length;
        rest = rest.subarray(data.length);
        if (left === 0) state = 'dataEnd';
        continue;
      }
      if (state === 'done') throw malformed('data after the last chunk');
      const taken: number = lines.take(rest);
      rest = rest.subarray(taken);
      const line = lines.line();
      if (line === undefined) continue;
      if (state === 'size') {
        left = chunkSize(line);
        state = left === 0 ? 'trailer' : 'data';
      } else if (state === 'dataEnd') {
        if (line !== '') throw malformed('a chunk is longer than its size');
        state = 'size';
      } else if (line === '') {
        state = 'done';
      } else {
        addTrailer(trailers, line);
      }
    }
  }
  // Some senders leave out the empty line after the last chunk.
  if (state !== 'done' && state !== 'trailer') {
    throw new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly');
  }
}

/** Collects one CRLF line over piece borders. */
class LineReader {
  #text = '';

  /** Takes bytes up to and with the next LF; returns how many. */
  take(bytes: Buffer): number {
    const end = bytes.indexOf(0x0a);
    const count = end < 0 ? bytes.length : end + 1;
    this.#text += bytes.toString('latin1', 0, count);
    if (this.#text.length > MAX_LINE_BYTES) throw malformed('a line is too long');
    return count;
  }

  /** The line without its CRLF once it is whole. */
  line(): string | undefined {
    if (!this.#text.endsWith('\n')) return undefined;
    const line = this.#text.replace(/\r?\n$/, '');
    this.#text = '';
    return line;
  }
}

function chunkSize(line: string): number {
  const hex = /^([0-9a-fA-F]{1,8})(?:;.*)?$/.exec(line)?.[1];
  if (hex === undefined) throw malformed('a chunk size is no number');
  return Number.parseInt(hex, 16);
}

function addTrailer(trailers: Trailers, line: string): void {
  const colon = line.indexOf(':');
  if (colon <= 0 || trailers.size >= MAX_TRAILERS) throw malformed('a trailer is malformed');
  trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
}

function malformed(why: string): S3Error {
  return new S3Error(400, 'InvalidRequest', `The aws-chunked body is malformed: ${why}`);
}
