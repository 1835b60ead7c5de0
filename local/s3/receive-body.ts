/**
 * Takes an upload off the wire: unwraps `aws-chunked`, digests, checks what the sender
 * claimed (length, Content-MD5, checksums in header or trailer), and holds the bytes, up
 * to `INLINE_BYTES` in memory for a database row, beyond that in a body of its own.
 */
import { hash } from 'node:crypto';
import { type Body, NO_BYTES, pieces } from '../bytes.ts';
import type { AwsRequest } from '../types.ts';
import { decodeAwsChunked, isAwsChunked, type Trailers } from './aws-chunked.ts';
import type { Bodies, BodyWriter } from './bodies.ts';
import { type ChecksumName, createHasher, type Hasher, isChecksumName } from './checksums.ts';
import { S3Error } from './error.ts';
import type { Checksum } from './object-table.ts';

export const INLINE_BYTES = 256 * 1024;
/** The largest single PUT, and the largest part, S3 takes. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

export interface ReceivedBody {
  readonly sizeBytes: number;
  /** In hex; when it was asked for, or the sender stated one. */
  readonly md5: string | undefined;
  readonly checksum: Checksum | undefined;
  /** Small bodies; undefined when `bodyName` holds the bytes. */
  readonly bytes: Uint8Array | undefined;
  readonly bodyName: string | undefined;
}

interface Claims {
  readonly contentMd5: string | undefined;
  readonly lengthBytes: number | undefined;
  readonly checksum: { readonly name: ChecksumName; readonly value: string | undefined } | undefined;
}

export interface Wanted {
  /** Pass 0 to get a body of its own in any case (parts). */
  readonly inlineBytes: number;
  /** MD5 is the dearest of all that is done to a body. */
  readonly md5: boolean;
}

export async function receiveBody(
  request: AwsRequest,
  bodies: Bodies,
  wanted: Wanted,
): Promise<ReceivedBody> {
  const claims = readClaims(request.headers);
  if (claims.lengthBytes !== undefined && claims.lengthBytes > MAX_PUT_BYTES) throw tooLarge();
  if (!isAwsChunked(request.headers)) {
    if (request.body instanceof Uint8Array && request.body.byteLength <= wanted.inlineBytes) {
      return receiveSmall(request.body, claims, wanted);
    }
    return receiveStream(request.body, claims, new Map(), bodies, wanted);
  }
  const trailers: Trailers = new Map();
  return receiveStream(decodeAwsChunked(request.body, trailers), claims, trailers, bodies, wanted);
}

function receiveSmall(bytes: Uint8Array, claims: Claims, wanted: Wanted): ReceivedBody {
  const md5 = needsMd5(claims, wanted) ? hash('md5', bytes, 'hex') : undefined;
  const hasher = claims.checksum && createHasher(claims.checksum.name);
  hasher?.update(bytes);
  const checksum = verify(claims, bytes.byteLength, md5, hasher, undefined);
  return { sizeBytes: bytes.byteLength, md5, checksum, bytes, bodyName: undefined };
}

async function receiveStream(
  body: Body,
  claims: Claims,
  trailers: Trailers,
  bodies: Bodies,
  wanted: Wanted,
): Promise<ReceivedBody> {
  const digest = needsMd5(claims, wanted) ? createHasher('md5') : undefined;
  const hasher = claims.checksum && createHasher(claims.checksum.name);
  const sink = new Sink(bodies, wanted.inlineBytes);
  try {
    for await (const chunk of pieces(body)) {
      const written = sink.write(chunk); // by another thread, while this one digests
      digest?.update(chunk);
      hasher?.update(chunk);
      await written;
    }
    const md5 = digest?.digest().toString('hex');
    const trailer = claims.checksum && trailers.get(`x-amz-checksum-${claims.checksum.name}`);
    const checksum = verify(claims, sink.sizeBytes, md5, hasher, trailer);
    return { sizeBytes: sink.sizeBytes, md5, checksum, ...(await sink.finish()) };
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

function needsMd5({ contentMd5 }: Claims, { md5 }: Wanted): boolean {
  return md5 || contentMd5 !== undefined;
}

/** Small bodies stay in memory; the first byte over the limit moves all of it to a body of its own. */
class Sink {
  sizeBytes = 0;
  readonly #bodies: Bodies;
  readonly #inlineBytes: number;
  #chunks: Uint8Array[] = [];
  #writer: BodyWriter | undefined;

  constructor(bodies: Bodies, inlineBytes: number) {
    this.#bodies = bodies;
    this.#inlineBytes = inlineBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.sizeBytes += chunk.byteLength;
    if (this.sizeBytes > MAX_PUT_BYTES) throw tooLarge();
    if (!this.#writer && this.sizeBytes <= this.#inlineBytes) {
      this.#chunks.push(chunk);
      return;
    }
    await (await this.#spill()).write(chunk);
  }

  async finish(): Promise<Pick<ReceivedBody, 'bytes' | 'bodyName'>> {
    if (this.#inlineBytes === 0) await this.#spill();
    const writer = this.#writer;
    if (!writer) return { bytes: joined(this.#chunks), bodyName: undefined };
    const bodyName = await writer.commit();
    this.#writer = undefined;
    return { bytes: undefined, bodyName };
  }

  async abort(): Promise<void> {
    await this.#writer?.abort();
  }

  async #spill(): Promise<BodyWriter> {
    if (this.#writer) return this.#writer;
    this.#writer = await this.#bodies.create();
    for (const chunk of this.#chunks) await this.#writer.write(chunk);
    this.#chunks = [];
    return this.#writer;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? (chunks[0] ?? NO_BYTES) : Buffer.concat(chunks);
}

function readClaims(headers: AwsRequest['headers']): Claims {
  const length = isAwsChunked(headers) ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  return {
    contentMd5: headers['content-md5'],
    lengthBytes: length === undefined ? undefined : Number(length),
    checksum: claimedChecksum(headers),
  };
}

/** The one checksum a request may carry: in a header, announced as a trailer, or asked for by name. */
export function claimedChecksum(headers: AwsRequest['headers']): Claims['checksum'] {
  const found: Claims['checksum'][] = [];
  for (const [header, value] of Object.entries(headers)) {
    const name = header.startsWith('x-amz-checksum-') ? header.slice('x-amz-checksum-'.length) : '';
    if (isChecksumName(name)) found.push({ name, value });
    else if (name !== '' && !['mode', 'algorithm', 'type'].includes(name)) throw badAlgorithm();
  }
  for (const trailer of (headers['x-amz-trailer'] ?? '').toLowerCase().split(',')) {
    const name = trailer.trim().replace('x-amz-checksum-', '');
    if (isChecksumName(name)) found.push({ name, value: undefined });
    else if (name !== '') throw badAlgorithm();
  }
  if (found.length > 1) {
    throw new S3Error(
      400,
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  return found[0];
}

function badAlgorithm(): S3Error {
  return new S3Error(
    400,
    'InvalidRequest',
    'The algorithm type you specified in x-amz-checksum- header is invalid.',
  );
}

function verify(
  claims: Claims,
  sizeBytes: number,
  md5: string | undefined,
  hasher: Hasher | undefined,
  trailer: string | undefined,
): Checksum | undefined {
  if (claims.lengthBytes !== undefined && claims.lengthBytes !== sizeBytes) {
    throw new S3Error(
      400,
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  }
  if (claims.contentMd5 !== undefined) verifyMd5(claims.contentMd5, md5);
  if (!claims.checksum || !hasher) return undefined;
  const { name } = claims.checksum;
  const value = hasher.digest().toString('base64');
  const claimed = claims.checksum.value ?? trailer;
  if (claimed === undefined)
    throw new S3Error(400, 'MalformedTrailerError', 'The request announced a trailer it did not send.');
  if (claimed !== value) {
    throw new S3Error(
      400,
      'BadDigest',
      `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
  return { name, value, type: 'FULL_OBJECT' };
}

function verifyMd5(contentMd5: string, md5: string | undefined): void {
  const claimed = Buffer.from(contentMd5, 'base64');
  if (claimed.length !== 16)
    throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.');
  if (claimed.toString('hex') !== md5) {
    throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}

function tooLarge(): S3Error {
  return new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    MaxSizeAllowed: String(MAX_PUT_BYTES),
  });
}
