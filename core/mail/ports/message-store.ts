/** The port to table Messages: one record per account and message, written once. */
import type { AccountKey, MessageId } from '../ids.ts';
import type { MessageRecord } from '../message-record.ts';

export interface MessageStore {
  /** Writes the record unless the account already has one of that id; then it resolves with the one that stands. */
  put(account: AccountKey, record: MessageRecord): Promise<MessageRecord | undefined>;
  /** Records by id, any number (batched by 100); those that do not exist are missing in the map. */
  get(account: AccountKey, ids: readonly MessageId[]): Promise<Map<MessageId, MessageRecord>>;
  /** Records with id > after in id order (which is time order), at most `limit`. */
  list(account: AccountKey, after: MessageId | '', limit: number): Promise<readonly MessageRecord[]>;
  /** Says that the account has let go of the message, before its body is judged; idempotent. */
  markReaped(account: AccountKey, id: MessageId): Promise<void>;
  /** Which of these accounts still hold the message: have a record not marked as reaped. Strongly consistent. */
  holding(accounts: readonly AccountKey[], id: MessageId): Promise<readonly AccountKey[]>;
  delete(account: AccountKey, id: MessageId): Promise<void>;
}
