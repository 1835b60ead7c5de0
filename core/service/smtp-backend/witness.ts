/**
 * Sees the octets of a large message as they pass on their way to S3, so that `ingest` need not
 * read them again: the header, and the index of the body. Keeps no more than that.
 */
import { GatheredOctets } from '../../mail/gathered-octets.ts';
import { MessageIndexer } from '../../mail/message/index-message.ts';
import { encodeParts } from '../../mail/message/parts-codec.ts';
import type { SeenBody } from '../receive/event.ts';
import { maxHeaderOctets } from '../receive/limits.ts';
import type { MemoryBudget } from './memory-budget.ts';

export class Witness {
  readonly #indexer = new MessageIndexer();
  readonly #header = new GatheredOctets();
  readonly #budget: MemoryBudget;
  #held = 0;
  /** The header is longer than it may be, or than there is memory for: `ingest` looks for itself. */
  #lost = false;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Passes the octets on as they are. */
  async *watch(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of octets) {
      this.#see(chunk);
      yield chunk;
    }
  }

  /** After the last octet; undefined when it has not kept it all. */
  seen(): SeenBody | undefined {
    if (this.#lost) return undefined;
    const { bodyStructure, preview, parts } = this.#indexer.end();
    const header = this.#header.takeBase64();
    return { header, bodyStructure, preview, parts: encodeParts(parts) };
  }

  /** Gives the memory back; once `ingest` has answered. */
  release(): void {
    this.#budget.giveBack(this.#held);
    this.#held = 0;
  }

  #see(chunk: Buffer): void {
    if (this.#lost) return;
    const isBody = this.#indexer.headerEnd !== undefined;
    this.#indexer.write(chunk);
    if (isBody) return;
    const end = (this.#indexer.headerEnd ?? Number.POSITIVE_INFINITY) - this.#header.length;
    const piece = chunk.subarray(0, Math.min(end, chunk.length));
    if (this.#header.length + piece.length > maxHeaderOctets || !this.#budget.take(piece.length)) {
      this.#lost = true;
      return;
    }
    this.#held += piece.length;
    this.#header.add(piece);
  }
}
