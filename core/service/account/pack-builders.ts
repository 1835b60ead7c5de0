/**
 * The pack builders of a process: a few, since each holds thousands of records, and one an account. A walk whose client
 * does not read on keeps its place only until another wants it.
 */
import { PackBuilder } from './pack-builder.ts';
import { builderStalledMs, maxPackBuilders } from './settings.ts';

interface Place {
  readonly builder: PackBuilder;
  usedMs: number;
}

export class PackBuilders {
  readonly #now: () => number;
  /** By account. */
  readonly #places = new Map<string, Place>();

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined where all places are taken. */
  begin(account: string, onPack: (octets: Uint8Array) => void): PackBuilder | undefined {
    this.#giveUpStalled(account);
    if (this.#places.has(account) || this.#places.size >= maxPackBuilders) return undefined;
    const builder = new PackBuilder(onPack);
    this.#places.set(account, { builder, usedMs: this.#now() });
    return builder;
  }

  /** The walk goes on. */
  touch(account: string, builder: PackBuilder): void {
    const place = this.#places.get(account);
    if (place?.builder === builder) place.usedMs = this.#now();
  }

  /** Frees the place. */
  end(account: string, builder: PackBuilder): void {
    if (this.#places.get(account)?.builder === builder) this.#places.delete(account);
  }

  /** Those in the way of the account. */
  #giveUpStalled(account: string): void {
    const isFull = this.#places.size >= maxPackBuilders;
    for (const [name, { builder, usedMs }] of this.#places) {
      if ((name !== account && !isFull) || this.#now() - usedMs < builderStalledMs) continue;
      builder.giveUp();
      this.#places.delete(name);
    }
  }
}
