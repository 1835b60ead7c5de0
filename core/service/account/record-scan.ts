/**
 * One walk over the records of many messages: from packs in memory, from packs in the bucket, and from the table what is
 * in neither, of which packs are made for the next one. A walk does not push other records out of the cache.
 */
import { readMessageId } from '../../mail/account/message-id.ts';
import type { MessageId } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { PackBlock } from '../../mail/pack/pack-block.ts';
import type { RecordPack } from '../../mail/pack/record-pack.ts';
import type { PackBuilder } from './pack-builder.ts';
import type { PackBuilders } from './pack-builders.ts';
import type { PackCache } from './pack-cache.ts';
import { mayHold, type PackPlace } from './packs.ts';

/** What a walk needs of the reader that began it. */
export interface ScanSources {
  /** The account, as packs in memory are held by. */
  readonly name: string;
  readonly packs: PackCache;
  /** Messages of the account, in all its mailboxes. */
  readonly rows: number;
  readonly builders: PackBuilders;
  /** Is given each pack that is made. */
  onPack(octets: Uint8Array): void;
  /** One that was read or written lately. */
  cached(id: MessageId): MessageRecord | undefined;
  keep(record: MessageRecord): void;
  /** Undefined where the bucket does not answer. */
  list(): Promise<readonly PackPlace[] | undefined>;
  load(place: PackPlace): Promise<RecordPack | undefined>;
  /** From the table, in the order of the ids. */
  fetch(ids: readonly MessageId[]): Promise<readonly MessageRecord[]>;
}

/** Records read from the table before the bucket is asked for packs: as dear as the question. */
const listFrom = 100;

/** How often a record may be packed, on the average: packs that did not help do not become more. */
const maxCopies = 2;

type Found = (MessageRecord | undefined)[];

export class RecordScan {
  readonly #sources: ScanSources;
  /** Gathers what had to be read from the table; undefined before, and where somebody else does already. */
  #builder: PackBuilder | undefined;
  /** Whether a builder was asked for. */
  #asked = false;
  /** Those in the bucket that this walk has not tried yet; undefined before the first is missed. */
  #places: PackPlace[] | undefined;
  /** Where the last record was found: the next one mostly lies behind it. */
  #pack: RecordPack | undefined;
  #position = -1;
  #block: PackBlock | undefined;
  #blockFirst = 0;
  #blockEnd = 0;
  /** Records that were not in memory. */
  #missed = 0;

  constructor(sources: ScanSources) {
    this.#sources = sources;
  }

  /** The records of some ids, 16 octets each. */
  async read(ids: Uint8Array): Promise<readonly MessageRecord[]> {
    const found: Found = Array.from({ length: ids.length / 16 });
    if (this.#look(ids, found, this.#sources.packs.of(this.#sources.name))) return found as MessageRecord[];
    for (const [index, one] of found.entries()) found[index] = one ?? this.#cached(ids, index);
    this.#missed += missingOf(ids, found).length;
    if (this.#missed > listFrom) await this.#lookInBucket(ids, found);
    await this.#fetch(ids, found);
    return found as MessageRecord[];
  }

  #cached(ids: Uint8Array, index: number): MessageRecord | undefined {
    const id = readMessageId(ids, 16 * index);
    return this.#sources.cached(id) ?? this.#builder?.get(id);
  }

  async #fetch(ids: Uint8Array, found: Found): Promise<void> {
    const missing = missingOf(ids, found);
    if (missing.length === 0) return;
    const records = (await this.#sources.fetch(missing)).values();
    const builder = this.#openBuilder();
    for (const [index, one] of found.entries()) {
      if (one !== undefined) continue;
      const { value } = records.next();
      if (value === undefined) break;
      found[index] = value;
      if (builder?.add(value) === false) this.#sources.keep(value);
    }
  }

  #openBuilder(): PackBuilder | undefined {
    const { builders, name, onPack } = this.#sources;
    if (!this.#asked) this.#builder = builders.begin(name, onPack);
    this.#asked = true;
    if (!this.#builder?.open) return undefined;
    builders.touch(name, this.#builder);
    return this.#builder;
  }

  /** To be called when nothing more is read. From here on nothing is packed. */
  end(): void {
    const { builders, name, keep } = this.#sources;
    for (const record of this.#builder?.end() ?? []) keep(record);
    if (this.#builder !== undefined) builders.end(name, this.#builder);
    this.#builder = undefined;
    this.#asked = true;
  }

  /** Fills in what the packs have; whether nothing is missing. */
  #look(ids: Uint8Array, found: Found, packs: ReadonlyMap<string, RecordPack>): boolean {
    let missing = 0;
    for (let index = 0; index < found.length; index++) {
      found[index] ??= this.#next(ids, 16 * index) ?? this.#search(ids, 16 * index, packs);
      if (found[index] === undefined) missing++;
    }
    return missing === 0;
  }

  #next(ids: Uint8Array, offset: number): MessageRecord | undefined {
    return this.#pack?.isAt(this.#position + 1, ids, offset) ? this.#take(this.#position + 1) : undefined;
  }

  #search(
    ids: Uint8Array,
    offset: number,
    packs: ReadonlyMap<string, RecordPack>,
  ): MessageRecord | undefined {
    for (const [key, pack] of packs) {
      const position = pack.find(ids, offset);
      if (position < 0) continue;
      if (pack !== this.#pack) {
        this.#pack = pack;
        this.#block = undefined;
        this.#sources.packs.touch(key);
      }
      return this.#take(position);
    }
    return undefined;
  }

  #take(position: number): MessageRecord | undefined {
    const pack = this.#pack;
    if (pack === undefined) return undefined;
    this.#position = position;
    if (this.#block === undefined || position < this.#blockFirst || position >= this.#blockEnd) {
      const number = pack.blockOf(position);
      this.#block = pack.block(number);
      [this.#blockFirst, this.#blockEnd] = pack.range(number);
    }
    return this.#block.record(position - this.#blockFirst);
  }

  /** Loads packs until all is found or none is left that may hold any of it; each one once in a walk. */
  async #lookInBucket(ids: Uint8Array, found: Found): Promise<void> {
    this.#places ??= await this.#list();
    for (;;) {
      const missing = missingOf(ids, found);
      const at = this.#places.findIndex((place) => missing.some((id) => mayHold(place, id)));
      const place = this.#places[at];
      if (place === undefined) return;
      this.#places.splice(at, 1);
      const pack = await this.#sources.load(place);
      this.#loadAhead(this.#places[at]);
      if (pack !== undefined) this.#look(ids, found, new Map([[place.key, pack]]));
    }
  }

  async #list(): Promise<PackPlace[]> {
    const places = await this.#sources.list();
    const packed = places?.reduce((sum, { records }) => sum + records, 0) ?? Number.POSITIVE_INFINITY;
    if (packed >= maxCopies * this.#sources.rows) this.end();
    return [...(places ?? [])];
  }

  /** The next one is mostly wanted next. */
  #loadAhead(place: PackPlace | undefined): void {
    if (place !== undefined) this.#sources.load(place).catch(() => {}); // looked at when its turn comes
  }
}

function missingOf(ids: Uint8Array, found: Found): readonly MessageId[] {
  return found.flatMap((one, index) => (one === undefined ? [readMessageId(ids, 16 * index)] : []));
}
