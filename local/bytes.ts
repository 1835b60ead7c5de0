/**
 * Bodies of requests and responses: collected whole within a limit, or passed on in
 * pieces. Knows nothing of any service.
 */
import { Readable } from 'node:stream';
import type { AwsRequest } from './types.ts';

export type Body = AwsRequest['body'];

const SLICE_BYTES = 1024 * 1024;

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The body is larger than the receiver is willing to hold. */
export class BodyTooLarge extends Error {
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super(`the body is larger than ${limitBytes} bytes`);
    this.limitBytes = limitBytes;
  }
}

/** The body as one array, without a copy when it already is one. @throws BodyTooLarge */
export async function collect(body: Body, limitBytes: number): Promise<Uint8Array> {
  if (body instanceof Uint8Array) {
    if (body.byteLength > limitBytes) throw new BodyTooLarge(limitBytes);
    return body;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limitBytes) throw new BodyTooLarge(limitBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] ?? NO_BYTES) : Buffer.concat(chunks, size);
}

/** A view on the same memory with Buffer's methods. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function utf8(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('utf8');
}

/** Lets go of a body nobody will read: a stream holds a file open until it is read or destroyed. */
export function discard(body: Body): void {
  if (body instanceof Readable) body.destroy();
}

/** One pass over either kind of body; a large array comes in slices, so that who digests it lets others run. */
export function pieces(body: Body): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return body instanceof Uint8Array ? slices(body) : body;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}
