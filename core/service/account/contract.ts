/**
 * What a POP3 or IMAP session may do with an account: the shared, folded state and the one
 * way to change it. One `Account` per account and process, however many sessions hold it.
 */
import type { Decision, Refusal } from '../../mail/account/decision.ts';
import type { EntryBody } from '../../mail/account/entry.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey, MailboxId, MessageId, ModSeq, Uid, UidValidity } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';

export type { Decision, Refusal };

/** What one entry did, as the fold saw it. */
export interface Effect {
  readonly modSeq: ModSeq;
  readonly entry: EntryBody;
  /** UIDs given out by this entry, in the order of its messages. */
  readonly appended?: {
    readonly mailbox: MailboxId;
    readonly uidValidity: UidValidity;
    readonly uids: readonly Uid[];
  };
}

export type Committed =
  | { readonly kind: 'done'; readonly effect: Effect }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A message whose body and record are durable, not yet named by the log. */
export interface StagedMessage {
  readonly messageId: MessageId;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
}

/** Messages of a long walk, named as it comes to them: a mailbox may have millions. */
export interface WantedMessages {
  readonly count: number;
  /** The ids of messages [start, end), 16 octets each (core/mail/account/message-id.ts). */
  ids(start: number, end: number): Uint8Array;
}

export interface Account {
  readonly key: AccountKey;
  /**
   * The fold, as far as this process has read. Replaced by refresh and commit, never changed under a synchronous reader.
   * Asking for one that is more than a minute old has it read again in the background.
   */
  readonly state: AccountState;
  /** Reads the log's tail: afterwards `state` holds all that was committed before the call. */
  refresh(): Promise<void>;
  /** Appends what `decide` makes of the newest state, deciding again after every lost race. */
  commit(decide: (state: AccountState) => Decision): Promise<Committed>;
  /** Calls back after every change of `state`, own or foreign, which from now on come at once; the answer ends that. */
  onChange(listener: () => void): () => void;
  /** Records by message id, from the cache or the store; a missing record is a failure and throws. */
  records(ids: readonly MessageId[]): Promise<readonly MessageRecord[]>;
  /**
   * As `records`, for a walk over a mailbox: batch by batch, in order, a little ahead. The records hold more in
   * memory than themselves; let go of them. To stop, end the iteration.
   */
  scan(wanted: WantedMessages): AsyncIterable<readonly MessageRecord[]>;
  /** Octets [start, end) of the whole message (prefix and cuts taken into account). */
  read(record: MessageRecord, start: number, end: number): Promise<Uint8Array>;
  /** As `read`, in chunks of bounded size. */
  stream(record: MessageRecord, start: number, end: number): AsyncIterable<Uint8Array>;
  /** Stores a message (APPEND): body streamed, indexed on the way, record written. */
  stage(octets: AsyncIterable<Uint8Array>, internalDateMs: number): Promise<StagedMessage>;
  /** Largest total of all messages; 0 means no limit. */
  readonly quotaBytes: number;
  /** Lets go of the account; the last holder's release cuts a snapshot when one is due. */
  release(): Promise<void>;
}

export interface Accounts {
  /** Opens the account or shares the one that is open; its state holds all that was committed before the call. */
  open(account: AccountKey, quotaBytes: number): Promise<Account>;
}
