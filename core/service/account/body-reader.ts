/**
 * Reads messages from the body store: small ones whole and through a cache, large ones by ranges.
 * Ranges near the front of a large one go through the cache too: there lie its header and its
 * text, which clients ask for again and again, and an attachment that is fetched in ranges does not push them out.
 */
import type { BodyRef } from '../../mail/message-record.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import { bodySlices } from './body-slices.ts';
import { ByteCache } from './byte-cache.ts';

/** What an entry of the cache costs besides its octets. */
const overheadBytes = 200;

export class BodyReader {
  readonly #bodies: BodyStore;
  readonly #smallBodyBytes: number;
  readonly #cache: ByteCache<Uint8Array>;
  readonly #reading = new Map<string, Promise<Uint8Array>>();

  constructor(
    bodies: BodyStore,
    settings: { readonly smallBodyBytes: number; readonly bodyCacheBytes: number },
  ) {
    this.#bodies = bodies;
    this.#smallBodyBytes = settings.smallBodyBytes;
    this.#cache = new ByteCache(settings.bodyCacheBytes);
  }

  /** Octets [start, end) of the message, cut at its end; not to be written to. */
  async read(body: BodyRef, start: number, end: number): Promise<Uint8Array> {
    if (start >= Math.min(end, body.sizeBytes)) return new Uint8Array(0);
    if (body.sizeBytes <= this.#smallBodyBytes)
      return (await this.#cached(body, 0, body.sizeBytes)).subarray(start, end);
    return end <= this.#smallBodyBytes ? this.#cached(body, start, end) : this.#range(body, start, end);
  }

  /** As `read`, in chunks as they come. */
  async *stream(body: BodyRef, start: number, end: number): AsyncIterable<Uint8Array> {
    if (body.sizeBytes <= this.#smallBodyBytes) {
      const octets = await this.read(body, start, end);
      if (octets.length > 0) yield octets;
      return;
    }
    for (const slice of bodySlices(body, start, end)) {
      if (slice.kind === 'octets') yield slice.octets;
      else yield* this.#object(body.key, slice.start, slice.end);
    }
  }

  /** Octets [start, end) of the object; an Error where it ends before them. */
  async *#object(key: string, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = end - start;
    for await (const chunk of this.#bodies.stream(key, start, end)) {
      left -= chunk.length;
      yield chunk;
    }
    if (left !== 0) throw shorter(key);
  }

  /** A message may be held by several accounts under one key, but with cuts and prefix of its own. */
  async #cached(body: BodyRef, start: number, end: number): Promise<Uint8Array> {
    const { key: name, sizeBytes, cuts = [], prefix = '' } = body;
    const key = `${name} ${start} ${end} ${sizeBytes} ${cuts.join()} ${prefix}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const reading = this.#reading.get(key);
    if (reading !== undefined) return reading;
    const work = this.#range(body, start, end).finally(() => this.#reading.delete(key));
    this.#reading.set(key, work);
    const octets = await work;
    this.#cache.set(key, octets, octets.length + overheadBytes);
    return octets;
  }

  async #range(body: BodyRef, start: number, end: number): Promise<Uint8Array> {
    const slices = bodySlices(body, start, end);
    const parts = await Promise.all(
      slices.map((slice) =>
        slice.kind === 'octets' ? slice.octets : this.#bodies.read(body.key, slice.start, slice.end),
      ),
    );
    const octets = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const expected = Math.min(end, body.sizeBytes) - start;
    if (octets === undefined || octets.length !== expected) throw shorter(body.key);
    return octets;
  }
}

function shorter(key: string): Error {
  return new Error(`body ${key} is shorter than its record says`);
}
