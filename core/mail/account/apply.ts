/**
 * The fold: what a log entry makes of an account (docs/log.md, "The fold"). The only code
 * that gives meaning to entries. Anything that does not fit is corruption and asserts.
 */
import assert from 'node:assert/strict';
import type { MailboxId, ModSeq } from '../ids.ts';
import { readUidSet } from '../uid-set.ts';
import type { Departure, Entry, NewMailbox } from './entry.ts';
import { type Arrival, MailboxDraft } from './mailbox-draft.ts';
import type { AccountState, MailboxState } from './state.ts';

export const inboxId = 'inbox' as MailboxId;

/** The account before its first entry. */
export const emptyState: AccountState = {
  modSeq: 0,
  totals: { bytes: 0, messages: 0 },
  mailboxes: new Map(),
  subscriptions: new Set(),
  lastUidValidity: 0,
};

/** The state after one more entry; the state given stays as it was. */
export function apply(state: AccountState, entry: Entry): AccountState {
  return fold(state, [entry]);
}

/** The state after several entries in order; much cheaper than one by one. */
export function fold(state: AccountState, entries: Iterable<Entry>): AccountState {
  const draft = new Draft(state);
  for (const entry of entries) draft.apply(entry);
  return draft.finish();
}

class Draft {
  readonly #mailboxes: Map<MailboxId, MailboxState>;
  readonly #open = new Map<MailboxId, MailboxDraft>();
  #names: Set<string> | undefined;
  #subscriptions: ReadonlySet<string>;
  #modSeq: number;
  #bytes: number;
  #messages: number;
  #lastUidValidity: number;

  constructor(state: AccountState) {
    this.#mailboxes = new Map(state.mailboxes);
    this.#subscriptions = state.subscriptions;
    this.#modSeq = state.modSeq;
    this.#bytes = state.totals.bytes;
    this.#messages = state.totals.messages;
    this.#lastUidValidity = state.lastUidValidity;
  }

  apply(entry: Entry): void {
    assert.equal(entry.modSeq, this.#modSeq + 1, 'the log has a hole');
    this.#modSeq = entry.modSeq;
    this.#change(entry);
    assert.equal(this.#bytes, entry.totals.bytes, 'the fold and the entry disagree on octets');
    assert.equal(this.#messages, entry.totals.messages, 'the fold and the entry disagree on messages');
  }

  finish(): AccountState {
    for (const [id, mailbox] of this.#open) this.#mailboxes.set(id, mailbox.finish());
    return {
      modSeq: this.#modSeq as ModSeq,
      totals: { bytes: this.#bytes, messages: this.#messages },
      mailboxes: this.#mailboxes,
      subscriptions: this.#subscriptions,
      lastUidValidity: this.#lastUidValidity,
    };
  }

  #change(entry: Entry): void {
    switch (entry.kind) {
      case 'opened':
        this.#opened(entry);
        break;
      case 'appended':
        this.#append(this.#mailboxOrInbox(entry.mailbox), entry.messages, entry.modSeq);
        break;
      case 'flagged':
        this.#flagged(entry);
        break;
      case 'expunged':
        this.#depart(this.#mailbox(entry.mailbox), entry.gone, entry.modSeq);
        break;
      case 'copied':
        this.#copied(entry);
        break;
      case 'mailboxCreated':
        this.#create(entry.mailbox, entry.modSeq);
        break;
      case 'mailboxesRenamed':
        this.#rename(entry);
        break;
      case 'mailboxDeleted':
        this.#delete(entry);
        break;
      case 'subscribed':
        this.#subscribe(entry.name, entry.subscribed);
        break;
      case 'reaped':
        break;
      default:
        assert.fail(`unknown kind of entry ${(entry satisfies never as Entry).kind}`);
    }
  }

  #opened({ modSeq, mailboxes }: Extract<Entry, { kind: 'opened' }>): void {
    assert.equal(modSeq, 1, 'only the first entry opens an account');
    for (const mailbox of mailboxes) {
      this.#create(mailbox, modSeq);
      this.#subscribe(mailbox.name, true);
    }
    assert.ok(this.#open.has(inboxId));
  }

  #flagged({ mailbox, changes, modSeq }: Extract<Entry, { kind: 'flagged' }>): void {
    const draft = this.#mailbox(mailbox);
    for (const { uids, add, remove } of changes) {
      for (const [first, last] of readUidSet(uids)) {
        const [start, end] = draft.rowRange(first, last);
        draft.changeFlags(start, end, add, remove, modSeq);
      }
    }
  }

  #copied({ from, to, uids, moved, modSeq }: Extract<Entry, { kind: 'copied' }>): void {
    const source = this.#mailbox(from);
    const arrivals: Arrival[] = [];
    const rows: number[] = [];
    for (const [first, last] of readUidSet(uids)) {
      const [start, end] = source.rowRange(first, last);
      for (let row = start; row < end; row++) {
        arrivals.push(source.arrival(row));
        rows.push(row);
      }
    }
    this.#append(this.#mailboxOrInbox(to), arrivals, modSeq);
    if (!moved) return;
    for (const row of rows) this.#remove(source, row, modSeq);
  }

  #rename({ renamed, modSeq }: Extract<Entry, { kind: 'mailboxesRenamed' }>): void {
    for (const { mailbox } of renamed) this.#takenNames().delete(this.#mailbox(mailbox).name);
    for (const { mailbox, name } of renamed) {
      assert.notEqual(mailbox, inboxId, 'INBOX keeps its name');
      this.#takeName(name);
      const draft = this.#mailbox(mailbox);
      draft.name = name;
      draft.highestModSeq = modSeq;
    }
  }

  #delete({ mailbox, gone, modSeq }: Extract<Entry, { kind: 'mailboxDeleted' }>): void {
    assert.notEqual(mailbox, inboxId, 'INBOX stays');
    const draft = this.#mailbox(mailbox);
    this.#depart(draft, gone, modSeq);
    assert.equal(draft.count, 0, 'a deleted mailbox leaves messages behind');
    this.#takenNames().delete(draft.name);
    this.#open.delete(mailbox);
    this.#mailboxes.delete(mailbox);
  }

  #append(draft: MailboxDraft, arrivals: readonly Arrival[], modSeq: ModSeq): void {
    for (const arrival of arrivals) {
      draft.append(arrival, modSeq);
      this.#bytes += arrival.sizeBytes;
    }
    this.#messages += arrivals.length;
  }

  #depart(draft: MailboxDraft, gone: Departure, modSeq: ModSeq): void {
    let index = 0;
    for (const [first, last] of readUidSet(gone.uids)) {
      for (let uid = first; uid <= last; uid++, index++) {
        const row = draft.row(uid);
        assert.equal(gone.messageIds[index], draft.columns.messageId(row));
        assert.equal(gone.sizesBytes[index], draft.columns.sizeBytes[row]);
        this.#remove(draft, row, modSeq);
      }
    }
    assert.equal(index, gone.messageIds.length);
  }

  #remove(draft: MailboxDraft, row: number, modSeq: ModSeq): void {
    this.#bytes -= draft.columns.sizeBytes[row] ?? 0;
    this.#messages--;
    draft.remove(row, modSeq);
  }

  #create(created: NewMailbox, modSeq: ModSeq): void {
    assert.ok(
      !this.#mailboxes.has(created.mailbox) && !this.#open.has(created.mailbox),
      'mailbox id is in use',
    );
    assert.ok(created.uidValidity > this.#lastUidValidity, 'UIDVALIDITY must rise');
    this.#takeName(created.name);
    this.#lastUidValidity = created.uidValidity;
    this.#open.set(created.mailbox, MailboxDraft.created(created, modSeq));
  }

  #takeName(name: string): void {
    const names = this.#takenNames();
    assert.ok(!names.has(name), 'mailbox name is in use');
    names.add(name);
  }

  /** Built when first needed: most folds touch no name. */
  #takenNames(): Set<string> {
    if (this.#names !== undefined) return this.#names;
    const names = new Set<string>();
    for (const { mailbox, name } of this.#mailboxes.values())
      names.add(this.#open.get(mailbox)?.name ?? name);
    this.#names = names;
    return names;
  }

  #subscribe(name: string, subscribed: boolean): void {
    const subscriptions = new Set(this.#subscriptions);
    if (subscribed) subscriptions.add(name);
    else subscriptions.delete(name);
    this.#subscriptions = subscriptions;
  }

  #mailboxOrInbox(id: MailboxId): MailboxDraft {
    const known = this.#open.has(id) || this.#mailboxes.has(id);
    return this.#mailbox(known ? id : inboxId);
  }

  #mailbox(id: MailboxId): MailboxDraft {
    const open = this.#open.get(id);
    if (open !== undefined) return open;
    const state = this.#mailboxes.get(id);
    assert.ok(state !== undefined, 'entry names a mailbox that is not there');
    const draft = new MailboxDraft(state);
    this.#open.set(id, draft);
    return draft;
  }
}
