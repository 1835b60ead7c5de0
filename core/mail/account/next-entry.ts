/** From a decision to the entry that may follow a state, and what the entry did. */
import type { EntryId, MailboxId, ModSeq, Uid, UidValidity } from '../ids.ts';
import type { Decision } from './decision.ts';
import type { Entry, EntryBody, Totals } from './entry.ts';
import type { AccountState } from './state.ts';

/** The entry after `before` (a state or just the head's numbers) that a decision asks for. */
export function nextEntry(
  before: { readonly modSeq: ModSeq | 0; readonly totals: Totals },
  decision: Extract<Decision, { append: EntryBody }>,
  entryId: EntryId,
  atMs: number,
): Entry {
  const totals = {
    bytes: before.totals.bytes + decision.bytesDelta,
    messages: before.totals.messages + decision.messagesDelta,
  };
  return { version: 1, modSeq: (before.modSeq + 1) as ModSeq, entryId, atMs, totals, ...decision.append };
}

export interface Arrivals {
  readonly mailbox: MailboxId;
  readonly uidValidity: UidValidity;
  readonly uids: readonly Uid[];
}

/** The UIDs that an entry gave out, in the order of its messages; undefined where it gave none. */
export function arrivalsOf(
  entry: EntryBody,
  before: AccountState,
  after: AccountState,
): Arrivals | undefined {
  if (entry.kind !== 'appended' && entry.kind !== 'copied') return undefined;
  const named = entry.kind === 'appended' ? entry.mailbox : entry.to;
  const target = after.mailboxes.get(named) ?? after.mailboxes.get('inbox' as MailboxId);
  if (target === undefined) return undefined;
  const first = before.mailboxes.get(target.mailbox)?.uidNext ?? 1;
  const uids = Array.from({ length: target.uidNext - first }, (_, index) => (first + index) as Uid);
  return { mailbox: target.mailbox, uidValidity: target.uidValidity, uids };
}
