/** Reads message records through caches; many readers of the same record ask the store once. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { unpackMessageIds, writeMessageId } from '../../mail/account/message-id.ts';
import { type AccountKey, type MessageId, partitionKey } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import { RecordPack } from '../../mail/pack/record-pack.ts';
import { ByteCache } from './byte-cache.ts';
import type { WantedMessages } from './contract.ts';
import { PackBuilders } from './pack-builders.ts';
import { PackCache } from './pack-cache.ts';
import { listPacks, type PackPlace, packKey, readPack } from './packs.ts';
import { RecordScan } from './record-scan.ts';
import { type AccountPorts, type AccountSettings, minPackRecords } from './settings.ts';
import { type HeldRecords, octetsOf, WalkMemory } from './walk-memory.ts';

/** Batches of a walk after which others get their turn, where nothing has to be waited for. */
const batchesPerTurn = 8;

/** A row names a message whose record is not there: the store has lost it. */
export class RecordMissing extends Error {
  override readonly name = 'RecordMissing';
}

type Ports = Pick<AccountPorts, 'messages' | 'bodies' | 'clock' | 'onProblem'>;
type Settings = Pick<AccountSettings, 'recordCacheBytes' | 'packCacheBytes'>;

export class RecordReader {
  readonly #ports: Ports;
  readonly #inBackground: (work: Promise<unknown>) => void;
  readonly #cache: ByteCache<MessageRecord>;
  readonly #packs: PackCache;
  readonly #reading = new Map<string, Promise<Map<MessageId, MessageRecord>>>();
  readonly #loading = new Map<string, Promise<RecordPack | undefined>>();
  readonly #builders: PackBuilders;
  readonly #memory = new WalkMemory();

  /** `inBackground` is given work that nobody waits for; it does not fail. */
  constructor(ports: Ports, settings: Settings, inBackground: (work: Promise<unknown>) => void) {
    this.#ports = ports;
    this.#inBackground = inBackground;
    this.#cache = new ByteCache(settings.recordCacheBytes);
    this.#packs = new PackCache(settings.packCacheBytes);
    this.#builders = new PackBuilders(() => ports.clock.now());
  }

  /** In the order of the ids. */
  async read(account: AccountKey, ids: readonly MessageId[]): Promise<readonly MessageRecord[]> {
    const name = partitionKey(account);
    const prefix = `${name} `;
    const found = ids.map((id) => this.#cache.get(prefix + id) ?? this.#packed(name, id));
    if (found.every((record) => record !== undefined)) return found;
    const missing = ids.filter((id, index) => found[index] === undefined && !this.#reading.has(prefix + id));
    if (missing.length > 0) this.#start(account, prefix, missing);
    return Promise.all(ids.map((id, index) => found[index] ?? this.#await(prefix, id)));
  }

  /**
   * In the order of the ids, batch by batch. Of many, packs are used and made (docs/log.md): at most twice as
   * many records are packed as the account has `rows`.
   */
  async *scan(
    account: AccountKey,
    rows: number,
    wanted: WantedMessages,
  ): AsyncGenerator<readonly MessageRecord[], void, undefined> {
    if (wanted.count < minPackRecords) {
      yield* ahead(this.#memory, wanted, (start, end) =>
        this.read(account, unpackMessageIds(wanted.ids(start, end))),
      );
      return;
    }
    const name = partitionKey(account);
    const scan = new RecordScan({
      ...{ name, rows, packs: this.#packs, builders: this.#builders },
      onPack: (octets) => this.#keepPack(account, octets),
      cached: (id) => this.#cache.get(`${name} ${id}`),
      keep: (record) => this.keep(account, record),
      list: () => this.#list(account),
      load: (place) => this.#load(name, place),
      fetch: (ids) => this.#fetch(account, ids),
    });
    try {
      yield* ahead(this.#memory, wanted, (start, end) => scan.read(wanted.ids(start, end)));
    } finally {
      scan.end();
    }
  }

  /** A record that was just written, or read by itself. */
  keep(account: AccountKey, record: MessageRecord): void {
    this.#cache.set(`${partitionKey(account)} ${record.messageId}`, record, octetsOf(record));
  }

  #packed(name: string, id: MessageId): MessageRecord | undefined {
    if (this.#packs.of(name).size === 0) return undefined;
    const octets = new Uint8Array(16);
    writeMessageId(octets, 0, id);
    return this.#packs.find(name, octets, 0);
  }

  #start(account: AccountKey, prefix: string, ids: readonly MessageId[]): void {
    const work = this.#ports.messages.get(account, ids).then((records) => {
      for (const record of records.values()) this.keep(account, record);
      return records;
    });
    const ended = () => {
      for (const id of ids) this.#reading.delete(prefix + id);
    };
    for (const id of ids) this.#reading.set(prefix + id, work);
    work.then(ended, ended);
  }

  async #await(prefix: string, id: MessageId): Promise<MessageRecord> {
    return present((await this.#reading.get(prefix + id))?.get(id), id);
  }

  async #fetch(account: AccountKey, ids: readonly MessageId[]): Promise<readonly MessageRecord[]> {
    const records = await this.#ports.messages.get(account, ids);
    return ids.map((id) => present(records.get(id), id));
  }

  /** Packs that cannot be listed are only told of: the table has it all. */
  async #list(account: AccountKey): Promise<readonly PackPlace[] | undefined> {
    try {
      return await listPacks(this.#ports.bodies, account);
    } catch (cause) {
      this.#ports.onProblem?.('pack', cause);
      return undefined;
    }
  }

  #load(name: string, { key }: PackPlace): Promise<RecordPack | undefined> {
    const held = this.#packs.of(name).get(key);
    if (held !== undefined) return Promise.resolve(held);
    const loading = this.#loading.get(key) ?? this.#readPack(name, key);
    this.#loading.set(key, loading);
    return loading;
  }

  /** A pack that cannot be read is only told of: the table has it all. */
  async #readPack(name: string, key: string): Promise<RecordPack | undefined> {
    try {
      const pack = await readPack(this.#ports.bodies, key);
      if (pack !== undefined) this.#packs.add(name, key, pack);
      return pack;
    } catch (cause) {
      this.#ports.onProblem?.('pack', cause);
      return undefined;
    } finally {
      this.#loading.delete(key);
    }
  }

  #keepPack(account: AccountKey, octets: Uint8Array): void {
    const pack = RecordPack.open(octets);
    if (pack === undefined) return;
    const key = packKey(account, pack);
    this.#packs.add(partitionKey(account), key, pack);
    const put = this.#ports.bodies.put(key, octets);
    this.#inBackground(put.catch((cause: unknown) => this.#ports.onProblem?.('pack', cause)));
  }
}

/** What `read` answers for one batch after the other; the next one is asked for while one is used. */
async function* ahead(
  memory: WalkMemory,
  { count }: WantedMessages,
  read: (start: number, end: number) => Promise<readonly MessageRecord[]>,
): AsyncGenerator<readonly MessageRecord[], void, undefined> {
  let asked = 0;
  const ask = () => {
    const start = asked;
    const end = Math.min(start + memory.batch, count);
    asked = end;
    const batch = memory.hold(end - start, () => read(start, end));
    batch.catch(() => {}); // looked at when its turn comes
    return batch;
  };
  let now: HeldRecords | undefined;
  let next = count > 0 ? ask() : undefined;
  try {
    for (let batches = 1; next !== undefined; batches++) {
      now = await next;
      next = asked < count && !memory.isShort ? ask() : undefined;
      if (batches % batchesPerTurn === 0) await nextTurn();
      yield now.records;
      now.letGo();
      if (asked < count) next ??= ask();
    }
  } finally {
    now?.letGo();
    next?.then(({ letGo }) => letGo()).catch(() => {});
  }
}

function present(record: MessageRecord | undefined, id: MessageId): MessageRecord {
  if (record === undefined) throw new RecordMissing(`no record of message ${id}`);
  return record;
}
