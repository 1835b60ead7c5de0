/**
 * For tests: a log in a variable, ids by number, and states as plain values to compare. Not
 * used by the servers.
 */
import assert from 'node:assert/strict';
import type { EntryId, MailboxId, MessageId } from '../ids.ts';
import { apply, emptyState, inboxId } from './apply.ts';
import type { Decision, Refusal } from './decision.ts';
import type { Entry, MessageFact } from './entry.ts';
import { nextEntry } from './next-entry.ts';
import { openingEntry } from './opening.ts';
import type { AccountState, Columns } from './state.ts';

export const startMs = 1_700_000_000_000;

/** A UUIDv7 of `startMs` plus n seconds, ending in n. */
export function messageId(n: number): MessageId {
  const time = (startMs + 1000 * n).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}` as MessageId;
}

export function fact(n: number, flags: readonly string[] = [], sizeBytes = 100 + n): MessageFact {
  return { messageId: messageId(n), sizeBytes, internalDateMs: startMs + 1000 * n, flags };
}

/** An account that is changed by decisions, with its log. */
export class TestAccount {
  state: AccountState;
  readonly log: Entry[];

  constructor() {
    const opening = openingEntry('entry-1' as EntryId, startMs);
    this.log = [opening];
    this.state = apply(emptyState, opening);
  }

  commit(decision: Decision): Entry {
    assert.ok('append' in decision, JSON.stringify(decision));
    const entry = nextEntry(this.state, decision, `entry-${this.log.length + 1}` as EntryId, startMs);
    this.log.push(entry);
    this.state = apply(this.state, entry);
    return entry;
  }

  /** Commits until there is nothing more to do; the last decision. */
  commitAll(decide: (state: AccountState) => Decision): Decision {
    for (;;) {
      const decision = decide(this.state);
      if (!('append' in decision)) return decision;
      this.commit(decision);
      if (decision.more !== true) return decision;
    }
  }

  append(messages: readonly MessageFact[], mailbox: MailboxId = inboxId): Entry {
    const bytesDelta = messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return this.commit({
      append: { kind: 'appended', mailbox, messages },
      bytesDelta,
      messagesDelta: messages.length,
    });
  }
}

/** A refusal's code, or what came instead. */
export function refusalOf(decision: Decision): Refusal['code'] | 'append' | 'nothing' {
  if ('refusal' in decision) return decision.refusal.code;
  return 'append' in decision ? 'append' : 'nothing';
}

export function rowsOfMailbox(state: AccountState, mailbox: MailboxId = inboxId): string[] {
  const columns = state.mailboxes.get(mailbox)?.columns;
  assert.ok(columns !== undefined);
  return Array.from({ length: columns.count }, (_, row) => rowText(columns, row));
}

/** `uid modSeq (flags) size seconds id`. */
function rowText(columns: Columns, row: number): string {
  const { uid, flagSets, sizeBytes, internalDateMs } = columns;
  const flags = flagSets.text(columns.flagSet(row));
  return `${uid[row]} ${columns.modSeq(row)} ${flags} ${sizeBytes[row]} ${(internalDateMs[row] ?? 0) / 1000} ${columns.messageId(row)}`;
}

/** All of a state as a plain value, for deepEqual. */
export function plainState(state: AccountState): unknown {
  const mailboxes = [...state.mailboxes.values()]
    .sort((a, b) => (a.mailbox < b.mailbox ? -1 : 1))
    .map(({ columns: _, ...mailbox }) => ({ ...mailbox, rows: rowsOfMailbox(state, mailbox.mailbox) }));
  const { modSeq, totals, lastUidValidity } = state;
  return { modSeq, totals, lastUidValidity, subscriptions: [...state.subscriptions].sort(), mailboxes };
}
