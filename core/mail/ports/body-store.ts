/** The port to the bodies in S3: immutable octets under a key. Offsets are into the object. */

export interface ListedBody {
  readonly key: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
}

export interface BodyStore {
  /** Durable when it resolves; writing the same octets again under the same key is harmless. */
  put(key: string, octets: Uint8Array): Promise<void>;
  /**
   * Streams to the key with bounded memory (multipart above 5 MiB). Resolves with the number of
   * octets. A source that throws leaves no object behind and the error comes out here. A chunk is
   * not kept when the next one is asked for.
   */
  putStream(key: string, octets: AsyncIterable<Uint8Array>): Promise<number>;
  /** Octets [start, end) of the object; end beyond the object is cut to it. Throws BodyMissing where there is no such key. */
  read(key: string, start: number, end: number): Promise<Uint8Array>;
  /** As `read`, in chunks, for large ranges. */
  stream(key: string, start: number, end: number): AsyncIterable<Uint8Array>;
  /** Idempotent. */
  delete(keys: readonly string[]): Promise<void>;
  /** Keys under a prefix in key order, after `after`, at most 1000. */
  list(prefix: string, after: string): Promise<readonly ListedBody[]>;
}

/** Writes that never replace anything: for a writer that may run twice with octets that differ. */
export interface BodyCreator {
  /** Writes the octets unless the key is taken (`If-None-Match: *`); whether it wrote. Durable either way. */
  create(key: string, octets: Uint8Array): Promise<boolean>;
}

export class BodyMissing extends Error {
  override readonly name = 'BodyMissing';
}
