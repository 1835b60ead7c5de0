/**
 * One account in memory for tests of the protocol: the real fold, decisions and MIME index,
 * bodies in a map, and failures on request. Shared by all sessions, like a process's account.
 */
import assert from 'node:assert/strict';
import { apply, emptyState, inboxId } from '../../../mail/account/apply.ts';
import { arrivalsOf, nextEntry } from '../../../mail/account/next-entry.ts';
import { openingEntry } from '../../../mail/account/opening.ts';
import type { AccountState } from '../../../mail/account/state.ts';
import type { AccountId, AccountKey, EntryId, MessageId, TenantId } from '../../../mail/ids.ts';
import { indexMessage } from '../../../mail/message/index-message.ts';
import { encodeParts } from '../../../mail/message/parts-codec.ts';
import type { MessageRecord } from '../../../mail/message-record.ts';
import type { Clock, Ids } from '../../../mail/ports/clock.ts';
import type {
  Account,
  Accounts,
  Committed,
  Decision,
  Effect,
  StagedMessage,
} from '../../../service/account/contract.ts';

export class MemoryAccount implements Account, Accounts {
  readonly key: AccountKey = { tenant: 'example' as TenantId, account: 'ann' as AccountId };
  quotaBytes = 0;
  state: AccountState;
  /** How many sessions hold it. */
  holders = 0;
  /** What fails from now on: open, refresh, commit, records, read, second-chunk, stage. */
  readonly failing = new Set<string>();
  /** Log entries so far. */
  entries = 1;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #bodies = new Map<string, Buffer>();
  readonly #records = new Map<string, MessageRecord>();
  readonly #listeners = new Set<() => void>();

  constructor(clock: Clock, ids: Ids) {
    this.#clock = clock;
    this.#ids = ids;
    this.state = apply(emptyState, openingEntry('e' as EntryId, clock.now()));
  }

  /** A message arrives in INBOX. */
  deliver(message: string): void {
    const staged = this.#keep(Buffer.from(message, 'latin1'), this.#clock.now());
    const append = { kind: 'appended', mailbox: inboxId, messages: [{ ...staged, flags: [] }] } as const;
    this.#append({ append, bytesDelta: staged.sizeBytes, messagesDelta: 1 });
  }

  async open(): Promise<Account> {
    this.#failIf('open');
    this.holders += 1;
    return this;
  }

  async refresh(): Promise<void> {
    this.#failIf('refresh');
  }

  async commit(decide: (state: AccountState) => Decision): Promise<Committed> {
    this.#failIf('commit');
    const decision = decide(this.state);
    if ('refusal' in decision) return { kind: 'refused', refusal: decision.refusal };
    return 'append' in decision ? { kind: 'done', effect: this.#append(decision) } : { kind: 'nothing' };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async records(ids: readonly MessageId[]): Promise<readonly MessageRecord[]> {
    this.#failIf('records');
    return ids.map((id) => {
      const record = this.#records.get(id);
      assert.ok(record);
      return record;
    });
  }

  async read(record: MessageRecord, start: number, end: number): Promise<Uint8Array> {
    this.#failIf('read');
    return (this.#bodies.get(record.messageId) ?? Buffer.alloc(0)).subarray(start, end);
  }

  async *stream(record: MessageRecord, start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; at += 65_536) {
      if (at > start) this.#failIf('second-chunk');
      yield await this.read(record, at, Math.min(at + 65_536, end));
    }
  }

  async stage(octets: AsyncIterable<Uint8Array>, internalDateMs: number): Promise<StagedMessage> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of octets) {
      this.#failIf('stage');
      chunks.push(chunk);
    }
    return this.#keep(Buffer.concat(chunks), internalDateMs);
  }

  async release(): Promise<void> {
    this.holders -= 1;
  }

  #keep(body: Buffer, internalDateMs: number): StagedMessage {
    const messageId = this.#ids.messageId();
    const { envelope, bodyStructure, parts, preview, sizeBytes } = indexMessage(body);
    this.#bodies.set(messageId, body);
    this.#records.set(messageId, {
      messageId,
      body: { key: messageId, sizeBytes },
      internalDateMs,
      envelope,
      bodyStructure,
      parts: encodeParts(parts),
      preview,
      holders: [this.key.account],
    });
    return { messageId, sizeBytes, internalDateMs };
  }

  #append(decision: Extract<Decision, { append: unknown }>): Effect {
    const before = this.state;
    const entry = nextEntry(before, decision, `e${this.entries++}` as EntryId, this.#clock.now());
    this.state = apply(before, entry);
    const appended = arrivalsOf(entry, before, this.state);
    for (const listener of this.#listeners) listener();
    return { modSeq: entry.modSeq, entry, ...(appended ? { appended } : {}) };
  }

  #failIf(what: string): void {
    if (this.failing.has(what)) throw new Error(`${what} fails`);
  }
}
