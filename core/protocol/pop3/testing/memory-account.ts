/**
 * One account in memory for tests of the protocol: the real fold and the real decisions, bodies
 * in a map, and failures on request.
 */
import assert from 'node:assert/strict';
import { apply, emptyState, inboxId } from '../../../mail/account/apply.ts';
import { decideExpunge } from '../../../mail/account/decide-expunge.ts';
import type { Entry } from '../../../mail/account/entry.ts';
import { unpackMessageIds } from '../../../mail/account/message-id.ts';
import { nextEntry } from '../../../mail/account/next-entry.ts';
import { openingEntry } from '../../../mail/account/opening.ts';
import type { AccountState } from '../../../mail/account/state.ts';
import type { AccountId, AccountKey, EntryId, MessageId, TenantId } from '../../../mail/ids.ts';
import type { MessageRecord } from '../../../mail/message-record.ts';
import type {
  Account,
  Accounts,
  Committed,
  Decision,
  WantedMessages,
} from '../../../service/account/contract.ts';

const openedAtMs = 1_700_000_000_000;

export class MemoryAccount implements Account, Accounts {
  readonly key: AccountKey = { tenant: 'example' as TenantId, account: 'ann' as AccountId };
  readonly quotaBytes = 0;
  state: AccountState = apply(emptyState, openingEntry('e' as EntryId, openedAtMs));
  readonly entries: Entry[] = [];
  readonly #bodies = new Map<string, Buffer>();
  /** How many sessions hold it. */
  holders = 0;
  /** What fails from now on. */
  readonly failing = new Set<string>();
  /** Octets of one chunk of `stream`. */
  chunkOctets = 7;
  /** Chunks that `stream` has handed out. */
  chunksStreamed = 0;
  #messages = 0;

  /** A message arrives in INBOX. */
  deliver(message: string): void {
    this.#messages += 1;
    const messageId = `01890000-0000-7000-8000-${this.#messages.toString(16).padStart(12, '0')}` as MessageId;
    const body = Buffer.from(message, 'latin1');
    this.#bodies.set(messageId, body);
    const fact = { messageId, sizeBytes: body.length, internalDateMs: openedAtMs, flags: [] };
    this.#append({
      append: { kind: 'appended', mailbox: inboxId, messages: [fact] },
      bytesDelta: body.length,
      messagesDelta: 1,
    });
  }

  /** Somebody else, over IMAP, expunges this UID. */
  expungeElsewhere(uid: number): void {
    const decision = decideExpunge(this.state, inboxId, [[uid, uid]], { anyFlags: true });
    assert.ok('append' in decision);
    this.#append(decision);
  }

  async open(): Promise<Account> {
    this.#failIf('open');
    this.holders += 1;
    return this;
  }

  async refresh(): Promise<void> {}

  async commit(decide: (state: AccountState) => Decision): Promise<Committed> {
    this.#failIf('commit');
    const decision = decide(this.state);
    if ('refusal' in decision) return { kind: 'refused', refusal: decision.refusal };
    if (!('append' in decision)) return { kind: 'nothing' };
    const entry = this.#append(decision);
    return { kind: 'done', effect: { modSeq: entry.modSeq, entry } };
  }

  onChange(): () => void {
    return () => {};
  }

  async records(ids: readonly MessageId[]): Promise<readonly MessageRecord[]> {
    this.#failIf('records');
    return ids.map((messageId) => ({
      messageId,
      body: { key: messageId, sizeBytes: this.#body(messageId).length },
      internalDateMs: openedAtMs,
      envelope: '',
      bodyStructure: '',
      parts: '',
      preview: '',
      holders: [],
    }));
  }

  async *scan(wanted: WantedMessages): AsyncGenerator<readonly MessageRecord[]> {
    yield await this.records(unpackMessageIds(wanted.ids(0, wanted.count)));
  }

  async read(record: MessageRecord, start: number, end: number): Promise<Uint8Array> {
    this.#failIf('read');
    return this.#body(record.messageId).subarray(start, end);
  }

  async *stream(record: MessageRecord, start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; at += this.chunkOctets) {
      if (at > start) this.#failIf('second-chunk');
      this.chunksStreamed += 1;
      yield await this.read(record, at, Math.min(at + this.chunkOctets, end));
    }
  }

  stage(): Promise<never> {
    throw new Error('POP3 stores nothing');
  }

  async release(): Promise<void> {
    this.holders -= 1;
  }

  #append(decision: Extract<Decision, { append: unknown }>): Entry {
    const entry = nextEntry(this.state, decision, `e${this.entries.length}` as EntryId, openedAtMs);
    this.state = apply(this.state, entry);
    this.entries.push(entry);
    return entry;
  }

  #body(key: string): Buffer {
    const body = this.#bodies.get(key);
    assert.ok(body);
    return body;
  }

  #failIf(what: string): void {
    if (this.failing.has(what)) throw new Error(`${what} fails`);
  }
}
