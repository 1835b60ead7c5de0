/** Deciding EXPUNGE, UID EXPUNGE and POP3's QUIT: which messages leave. RFC 9051 6.4.3, 6.4.9; RFC 1939 6. */
import type { MailboxId } from '../ids.ts';
import { formatUidSet, maxSetNumber, type UidSet, uidSetOf } from '../uid-set.ts';
import { type Decision, noSuchMailbox, nothing } from './decision.ts';
import type { Departure } from './entry.ts';
import { maxDepartures } from './limits.ts';
import { type AccountState, type Columns, rowsOf } from './state.ts';

const everything: UidSet = [[1, maxSetNumber]];

/**
 * Removes the messages of `uids` (all, if not given) that have \Deleted, or whatever their flags
 * with `anyFlags`. `more` when there are over `max`: decide again with the same wish.
 */
export function decideExpunge(
  state: AccountState,
  mailbox: MailboxId,
  uids: UidSet = everything,
  { anyFlags = false, max = maxDepartures }: { readonly anyFlags?: boolean; readonly max?: number } = {},
): Decision {
  const columns = state.mailboxes.get(mailbox)?.columns;
  if (columns === undefined) return noSuchMailbox;
  const rows: number[] = [];
  for (const row of rowsOf(columns, uids)) {
    if (!anyFlags && !columns.flagSets.has(columns.flagSet(row), '\\Deleted')) continue;
    rows.push(row);
    if (rows.length > max) break;
  }
  if (rows.length === 0) return nothing;
  const more = rows.length > max;
  const gone = departure(columns, more ? rows.slice(0, max) : rows);
  const append = { kind: 'expunged', mailbox, gone } as const;
  return { append, ...deltasOf(gone), ...(more ? { more } : {}) };
}

/** Rows as an entry names what leaves. */
export function departure(columns: Columns, rows: readonly number[]): Departure {
  return {
    uids: formatUidSet(uidSetOf(rows.map((row) => columns.uid[row] ?? 0))),
    messageIds: rows.map((row) => columns.messageId(row)),
    sizesBytes: rows.map((row) => columns.sizeBytes[row] ?? 0),
  };
}

export function deltasOf({ sizesBytes }: Departure): { bytesDelta: number; messagesDelta: number } {
  // `0 -` and not unary minus, so that nothing becomes 0 and not -0.
  return {
    bytesDelta: 0 - sizesBytes.reduce((sum, size) => sum + size, 0),
    messagesDelta: 0 - sizesBytes.length,
  };
}
