/**
 * The entries of an account's log, exactly as docs/log.md specifies them. An entry is a
 * fact: flags that really changed, UIDs that exist. Pure data; knows nothing of DynamoDB.
 */
import type { EntryId, MailboxId, MessageId, ModSeq, UidValidity } from '../ids.ts';

/** The account after this entry; quota and every fold are checked against it. */
export interface Totals {
  readonly bytes: number;
  readonly messages: number;
}

export interface EntryHead {
  readonly version: 1;
  readonly modSeq: ModSeq;
  readonly entryId: EntryId;
  /** Milliseconds since the epoch, by the writer's clock. */
  readonly atMs: number;
  readonly totals: Totals;
}

/** A message as the log names it. */
export interface MessageFact {
  readonly messageId: MessageId;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  /** Canonical spelling, sorted, without \Recent. */
  readonly flags: readonly string[];
}

/** UIDs in the form of RFC 9051's sequence-set, '1:5,9', ascending, without '*'. */
export type UidSetText = string;

/** What changed on each of `uids`: all of `add` were absent, all of `remove` were present. */
export interface FlagChange {
  readonly uids: UidSetText;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Messages that left a mailbox: the n-th UID of the set is the n-th of each list. */
export interface Departure {
  readonly uids: UidSetText;
  readonly messageIds: readonly MessageId[];
  readonly sizesBytes: readonly number[];
}

export type EntryBody =
  /** First entry of every account: INBOX and the default mailboxes. */
  | { readonly kind: 'opened'; readonly mailboxes: readonly NewMailbox[] }
  /** Delivery, APPEND. UIDs are assigned by the fold. A mailbox that no longer exists means INBOX. */
  | { readonly kind: 'appended'; readonly mailbox: MailboxId; readonly messages: readonly MessageFact[] }
  | { readonly kind: 'flagged'; readonly mailbox: MailboxId; readonly changes: readonly FlagChange[] }
  | { readonly kind: 'expunged'; readonly mailbox: MailboxId; readonly gone: Departure }
  /** COPY, and MOVE when `moved` is given: the n-th UID lands as the n-th new one in `to`. */
  | {
      readonly kind: 'copied';
      readonly from: MailboxId;
      readonly to: MailboxId;
      readonly uids: UidSetText;
      readonly moved: boolean;
    }
  | { readonly kind: 'mailboxCreated'; readonly mailbox: NewMailbox }
  /** Renames of one mailbox and, in the same entry, of all below it. */
  | {
      readonly kind: 'mailboxesRenamed';
      readonly renamed: readonly { readonly mailbox: MailboxId; readonly name: string }[];
    }
  | { readonly kind: 'mailboxDeleted'; readonly mailbox: MailboxId; readonly gone: Departure }
  | { readonly kind: 'subscribed'; readonly name: string; readonly subscribed: boolean }
  /** The reaper's claim: no mailbox names these any more and none ever will again. */
  | { readonly kind: 'reaped'; readonly messageIds: readonly MessageId[] };

export interface NewMailbox {
  readonly mailbox: MailboxId;
  /** UTF-8, NFC, '/' between levels, 'INBOX' in capitals. */
  readonly name: string;
  readonly uidValidity: UidValidity;
  /** RFC 6154 attribute, for example '\\Sent'. */
  readonly specialUse?: string;
}

export type Entry = EntryHead & EntryBody;
