/**
 * The fold of an account's log: what `apply` makes of the entries. Mailboxes hold their
 * messages in columns (typed arrays), so that 100,000 messages are a few arrays.
 */
import type { MailboxId, MessageId, ModSeq, Uid, UidValidity } from '../ids.ts';
import type { UidSet } from '../uid-set.ts';
import type { Totals } from './entry.ts';

export interface AccountState {
  /** modSeq of the last entry applied; 0 before the first. */
  readonly modSeq: ModSeq | 0;
  readonly totals: Totals;
  /** By id; names are unique. */
  readonly mailboxes: ReadonlyMap<MailboxId, MailboxState>;
  /** Subscribed names (RFC 9051 6.3.7); may name mailboxes that do not exist. */
  readonly subscriptions: ReadonlySet<string>;
  /** Highest UIDVALIDITY ever given to a mailbox of this account, deleted ones included. */
  readonly lastUidValidity: number;
}

/**
 * One mailbox. Rows are in UID order. The columns grow in place: a reader keeps `count` rows of
 * what it saw. Removing rows makes new columns, so a view that holds the old ones is not disturbed.
 */
export interface MailboxState {
  readonly mailbox: MailboxId;
  readonly name: string;
  readonly specialUse: string | undefined;
  readonly uidValidity: UidValidity;
  readonly uidNext: Uid;
  /** modSeq of the last entry that touched this mailbox (RFC 7162 HIGHESTMODSEQ). */
  readonly highestModSeq: ModSeq;
  readonly bytes: number;
  /** Messages without \Seen. */
  readonly unseen: number;
  readonly columns: Columns;
}

export interface Columns {
  readonly count: number;
  readonly uid: Uint32Array;
  readonly sizeBytes: Float64Array;
  readonly internalDateMs: Float64Array;
  /** Index into `flagSets`. */
  flagSet(row: number): number;
  modSeq(row: number): number;
  messageId(row: number): MessageId;
  /** The message ids of some rows, 16 octets each (message-id.ts). */
  packedIds(rows: ArrayLike<number>): Uint8Array;
  /** Rows, ascending, whose mod-sequence is another than in `before`; both have the same rows as far as `before` goes. */
  changedSince(before: Columns): readonly number[];
  flagSets: FlagSets;
}

/** Distinct sets of flags, each stored once: rows hold the index. Index 0 is the empty set. */
export interface FlagSets {
  /** Sorted, canonical spelling. */
  flags(index: number): readonly string[];
  /** `(\Seen $Forwarded)`, ready for the wire. */
  text(index: number): string;
  has(index: number, flag: string): boolean;
  /** The spelling that the mailbox knows a keyword by, whatever its case; `flag` itself if it knows none. */
  spell(flag: string): string;
  /** Number of distinct sets, the empty one included; some may be of rows that are gone. */
  readonly size: number;
  /** All flags that occur in any of the sets, in no promised order. */
  all(): Iterable<string>;
}

/** Row of a UID, or -1. */
export function rowOf(columns: Columns, uid: Uid): number {
  const row = firstRowFrom(columns, uid);
  return row < columns.count && columns.uid[row] === uid ? row : -1;
}

/** First row whose UID is `uid` or higher; `count` where there is none. */
export function firstRowFrom(
  columns: { readonly uid: Uint32Array; readonly count: number },
  uid: number,
): number {
  let low = 0;
  let high = columns.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.uid[middle] ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows of a set of UIDs as ranges [start, end), ascending: costs the ranges, not the numbers in them. */
export function* rowRangesOf(columns: Columns, uids: UidSet): Generator<readonly [number, number]> {
  for (const [first, last] of uids) {
    const start = firstRowFrom(columns, first);
    const end = firstRowFrom(columns, last + 1);
    if (start < end) yield [start, end];
  }
}

/** Rows of a set of UIDs, ascending. */
export function* rowsOf(columns: Columns, uids: UidSet): Generator<number> {
  for (const [start, end] of rowRangesOf(columns, uids)) for (let row = start; row < end; row++) yield row;
}

/** By name in canonical form (mailbox-name.ts). */
export function mailboxNamed(state: AccountState, name: string): MailboxState | undefined {
  for (const mailbox of state.mailboxes.values()) if (mailbox.name === name) return mailbox;
  return undefined;
}
