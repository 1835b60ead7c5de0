/** Reads message records through a cache; many readers of the same record ask the store once. */
import { type AccountKey, type MessageId, partitionKey } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { MessageStore } from '../../mail/ports/message-store.ts';
import { ByteCache } from './byte-cache.ts';

/** What a record costs in memory besides its texts. */
const overheadBytes = 600;

/** A row names a message whose record is not there: the store has lost it. */
export class RecordMissing extends Error {
  override readonly name = 'RecordMissing';
}

export class RecordReader {
  readonly #messages: MessageStore;
  readonly #cache: ByteCache<MessageRecord>;
  readonly #reading = new Map<string, Promise<Map<MessageId, MessageRecord>>>();

  constructor(messages: MessageStore, cacheBytes: number) {
    this.#messages = messages;
    this.#cache = new ByteCache(cacheBytes);
  }

  /** In the order of the ids. */
  async read(account: AccountKey, ids: readonly MessageId[]): Promise<readonly MessageRecord[]> {
    const prefix = `${partitionKey(account)} `;
    const found = ids.map((id) => this.#cache.get(prefix + id));
    if (found.every((record) => record !== undefined)) return found;
    const missing = ids.filter((id, index) => found[index] === undefined && !this.#reading.has(prefix + id));
    if (missing.length > 0) this.#start(account, prefix, missing);
    return Promise.all(ids.map((id, index) => found[index] ?? this.#await(prefix, id)));
  }

  /** A record that was just written. */
  keep(account: AccountKey, record: MessageRecord): void {
    this.#cache.set(`${partitionKey(account)} ${record.messageId}`, record, bytesOf(record));
  }

  #start(account: AccountKey, prefix: string, ids: readonly MessageId[]): void {
    const work = this.#messages.get(account, ids).then((records) => {
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
    const record = (await this.#reading.get(prefix + id))?.get(id);
    if (record === undefined) throw new RecordMissing(`no record of message ${id}`);
    return record;
  }
}

function bytesOf({ envelope, bodyStructure, parts, preview }: MessageRecord): number {
  return overheadBytes + envelope.length + bodyStructure.length + parts.length + 2 * preview.length;
}
