/** Deciding COPY and MOVE, each one entry, all or nothing. RFC 9051 6.4.7, RFC 6851. */
import type { MailboxId } from '../ids.ts';
import { formatUidSet, type UidSet, uidSetOf } from '../uid-set.ts';
import { checkRoom } from './decide-append.ts';
import { type Decision, noDestination, noSuchMailbox, nothing, refuse } from './decision.ts';
import { checkFlagRoom } from './flag-room.ts';
import { maxEntryRanges } from './limits.ts';
import { type AccountState, type Columns, rowsOf } from './state.ts';

/** Copies messages to the end of `to`, which may be the same mailbox. UIDs that are not there are passed over. */
export function decideCopy(
  state: AccountState,
  from: MailboxId,
  uids: UidSet,
  to: MailboxId,
  quotaBytes: number,
): Decision {
  return decideTransfer(state, { from, uids, to, moved: false }, quotaBytes);
}

/** Moves messages to the end of `to`; they leave `from` in the same entry. Needs no quota. */
export function decideMove(state: AccountState, from: MailboxId, uids: UidSet, to: MailboxId): Decision {
  return decideTransfer(state, { from, uids, to, moved: true }, 0);
}

interface Transfer {
  readonly from: MailboxId;
  readonly uids: UidSet;
  readonly to: MailboxId;
  readonly moved: boolean;
}

function decideTransfer(
  state: AccountState,
  { from, uids, to, moved }: Transfer,
  quotaBytes: number,
): Decision {
  const source = state.mailboxes.get(from);
  if (source === undefined) return noSuchMailbox;
  const target = state.mailboxes.get(to);
  if (target === undefined) return noDestination;
  const { columns } = source;
  const rows = [...rowsOf(columns, uids)];
  if (rows.length === 0) return nothing;
  const set = uidSetOf(rows.map((row) => columns.uid[row] ?? 0));
  if (set.length > maxEntryRanges)
    return refuse('LIMIT', `More than ${maxEntryRanges} ranges of messages at once`);
  const bytes = rows.reduce((sum, row) => sum + (columns.sizeBytes[row] ?? 0), 0);
  const full =
    checkRoom(state, target, rows.length, bytes, quotaBytes) ??
    checkFlagRoom(target.columns, from === to ? [] : flagsOf(columns, rows));
  if (full !== undefined) return full;
  const append = { kind: 'copied', from, to, uids: formatUidSet(set), moved } as const;
  return { append, bytesDelta: moved ? 0 : bytes, messagesDelta: moved ? 0 : rows.length };
}

function flagsOf(columns: Columns, rows: readonly number[]): readonly string[] {
  const sets = new Set(rows.map((row) => columns.flagSet(row)));
  return [...sets].flatMap((set) => columns.flagSets.flags(set));
}
