/** Packs of all accounts in memory, bounded by their octets; the one not used for longest goes first. */
import type { MessageRecord } from '../../mail/message-record.ts';
import type { PackBlock } from '../../mail/pack/pack-block.ts';
import type { RecordPack } from '../../mail/pack/record-pack.ts';

/** Blocks kept inflated, for those that read a message here and there. Each is a few hundred kilobytes at most. */
const keptBlocks = 16;

interface Held {
  readonly account: string;
  readonly pack: RecordPack;
}

export class PackCache {
  readonly #maxBytes: number;
  /** By their keys in the bucket. */
  readonly #held = new Map<string, Held>();
  readonly #byAccount = new Map<string, ReadonlyMap<string, RecordPack>>();
  readonly #blocks = new Map<string, PackBlock>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Those of an account, by key; a map that does not change. */
  of(account: string): ReadonlyMap<string, RecordPack> {
    return this.#byAccount.get(account) ?? none;
  }

  add(account: string, key: string, pack: RecordPack): void {
    if (pack.bytes > this.#maxBytes || this.#held.has(key)) return;
    this.#held.set(key, { account, pack });
    this.#byAccount.set(account, new Map([...this.of(account), [key, pack]]));
    this.#bytes += pack.bytes;
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  /** It was used. */
  touch(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#held.set(key, held);
  }

  /** The record with the id at `offset` of `ids`, if a pack in memory has it. */
  find(account: string, ids: Uint8Array, offset: number): MessageRecord | undefined {
    for (const [key, pack] of this.of(account)) {
      const position = pack.find(ids, offset);
      if (position < 0) continue;
      const block = pack.blockOf(position);
      return this.#block(key, pack, block).record(position - pack.range(block)[0]);
    }
    return undefined;
  }

  #block(key: string, pack: RecordPack, number: number): PackBlock {
    const name = `${key} ${number}`;
    const block = this.#blocks.get(name) ?? pack.block(number);
    this.touch(key);
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    const [oldest] = this.#blocks.keys();
    if (oldest !== undefined && this.#blocks.size > keptBlocks) this.#blocks.delete(oldest);
    return block;
  }

  #drop(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#bytes -= held.pack.bytes;
    const others = new Map(this.of(held.account));
    others.delete(key);
    if (others.size === 0) this.#byAccount.delete(held.account);
    else this.#byAccount.set(held.account, others);
  }
}

const none: ReadonlyMap<string, RecordPack> = new Map();
