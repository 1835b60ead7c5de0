/**
 * The fold of an account's log: what `apply` makes of the entries. Mailboxes hold their
 * messages in columns (typed arrays), so that 100,000 messages are a few arrays.
 */
import type { MailboxId, MessageId, ModSeq, Uid, UidValidity } from '../ids.ts';
import type { Totals } from './entry.ts';

export interface AccountState {
  /** modSeq of the last entry applied; 0 before the first. */
  readonly modSeq: ModSeq | 0;
  readonly totals: Totals;
  /** By id; names are unique. */
  readonly mailboxes: ReadonlyMap<MailboxId, MailboxState>;
  /** Subscribed names (RFC 9051 6.3.7); may name mailboxes that do not exist. */
  readonly subscriptions: ReadonlySet<string>;
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
  /** Index into `flagSets`. */
  readonly flagSet: Uint32Array;
  readonly modSeq: Float64Array;
  readonly sizeBytes: Float64Array;
  readonly internalDateMs: Float64Array;
  messageId(row: number): MessageId;
  flagSets: FlagSets;
}

/** Distinct sets of flags, each stored once: rows hold the index. Index 0 is the empty set. */
export interface FlagSets {
  /** Sorted, canonical spelling. */
  flags(index: number): readonly string[];
  /** `(\Seen $Forwarded)`, ready for the wire. */
  text(index: number): string;
  has(index: number, flag: string): boolean;
}

/** Row of a UID, or -1. */
export declare function rowOf(columns: Columns, uid: Uid): number;
