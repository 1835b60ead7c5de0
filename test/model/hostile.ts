/**
 * Stores in memory that behave as badly as the real ones may: answers come late and in any order,
 * get lost before or after the work was done, and objects are damaged. All by one seed.
 */
import assert from 'node:assert/strict';
import type { Entry } from '../../core/mail/account/entry.ts';
import { decodeEntry, type EntryItem, encodeEntry } from '../../core/mail/account/entry-codec.ts';
import type { AccountKey, MessageId, ModSeq } from '../../core/mail/ids.ts';
import type { MessageRecord } from '../../core/mail/message-record.ts';
import { BodyMissing, type BodyStore, type ListedBody } from '../../core/mail/ports/body-store.ts';
import type { Appended, LogStore } from '../../core/mail/ports/log-store.ts';
import type { MessageStore } from '../../core/mail/ports/message-store.ts';

export type Random = () => number;

/** Chances of one request. */
const lostAfter = 0.06;
const lostBefore = 0.04;
const stall = 0.03;

export class Weather {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Does the work at some later moment; may lose the request or the answer. */
  async request<Answer>(work: () => Answer): Promise<Answer> {
    await this.#wait();
    if (this.random() < lostBefore) throw new Error('the request was lost');
    const answer = work();
    await this.#wait();
    if (this.random() < lostAfter) throw new Error('the answer was lost');
    return answer;
  }

  async #wait(): Promise<void> {
    const turns = Math.floor(this.random() * (this.random() < stall ? 400 : 12));
    for (let turn = 0; turn < turns; turn++) await undefined;
  }
}

/** One account's log; keeps what was trimmed, for the checks alone. */
export class HostileLog implements LogStore {
  readonly #weather: Weather;
  readonly #items: EntryItem[] = [];
  #trimmed = 0;

  constructor(weather: Weather) {
    this.#weather = weather;
  }

  head(): Promise<Entry | undefined> {
    return this.#weather.request(() => this.#at(this.#items.length));
  }

  async append(_: AccountKey, entry: Entry): Promise<Appended> {
    return this.#weather.request(() => {
      assert.ok(entry.modSeq > this.#trimmed, 'a writer came back from before the retention');
      const winner = this.#at(entry.modSeq);
      if (winner !== undefined)
        return winner.entryId === entry.entryId ? { won: true } : { won: false, winner };
      assert.equal(entry.modSeq, this.#items.length + 1, 'a writer left a hole');
      // Through its stored form, so that what is read is what was written and nothing else.
      this.#items.push(JSON.parse(JSON.stringify(encodeEntry(entry))) as EntryItem);
      return { won: true };
    });
  }

  read(_: AccountKey, after: ModSeq | 0, limit: number): Promise<readonly Entry[]> {
    return this.#weather.request(() => {
      const from = Math.max(after, this.#trimmed);
      return this.#items.slice(from, from + limit).map(decodeEntry);
    });
  }

  trim(through: number): void {
    this.#trimmed = Math.max(this.#trimmed, Math.min(through, this.#items.length - 1));
  }

  get trimmed(): number {
    return this.#trimmed;
  }

  /** Everything that was ever committed. */
  all(): readonly Entry[] {
    return this.#items.map(decodeEntry);
  }

  #at(modSeq: number): Entry | undefined {
    const item = this.#items[modSeq - 1];
    return item === undefined ? undefined : decodeEntry(item);
  }
}

/** Objects; reads come whole or not at all, but what is stored may be damaged. */
export class HostileBodies implements BodyStore {
  readonly objects = new Map<string, Uint8Array>();
  readonly #weather: Weather;

  constructor(weather: Weather) {
    this.#weather = weather;
  }

  put(key: string, octets: Uint8Array): Promise<void> {
    return this.#weather.request(() => void this.objects.set(key, octets.slice()));
  }

  async putStream(key: string, octets: AsyncIterable<Uint8Array>): Promise<number> {
    const whole = Buffer.concat(await Array.fromAsync(octets));
    await this.put(key, whole);
    return whole.length;
  }

  read(key: string, start: number, end: number): Promise<Uint8Array> {
    return this.#weather.request(() => {
      const octets = this.objects.get(key);
      if (octets === undefined) throw new BodyMissing(key);
      return octets.slice(start, end);
    });
  }

  async *stream(key: string, start: number, end: number): AsyncIterable<Uint8Array> {
    yield await this.read(key, start, end);
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#weather.request(() => {
      for (const key of keys) this.objects.delete(key);
    });
  }

  list(prefix: string, after: string): Promise<readonly ListedBody[]> {
    return this.#weather.request(() =>
      [...this.objects]
        .filter(([key]) => key.startsWith(prefix) && key > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, octets]) => ({ key, sizeBytes: octets.length, lastModifiedMs: 0 })),
    );
  }
}

export class HostileMessages implements MessageStore {
  readonly records = new Map<MessageId, MessageRecord>();
  readonly #weather: Weather;

  constructor(weather: Weather) {
    this.#weather = weather;
  }

  put(_: AccountKey, record: MessageRecord): Promise<MessageRecord | undefined> {
    return this.#weather.request(() => {
      const standing = this.records.get(record.messageId);
      if (standing === undefined) this.records.set(record.messageId, record);
      return standing;
    });
  }

  get(_: AccountKey, ids: readonly MessageId[]): Promise<Map<MessageId, MessageRecord>> {
    return this.#weather.request(() => new Map([...this.records].filter(([id]) => ids.includes(id))));
  }

  list(): never {
    assert.fail('not part of the model');
  }

  markReaped(): never {
    assert.fail('not part of the model');
  }

  holding(): never {
    assert.fail('not part of the model');
  }

  delete(): never {
    assert.fail('not part of the model');
  }
}
