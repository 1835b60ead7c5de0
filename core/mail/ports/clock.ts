/** Time and chance are handed in, so that a test decides them. */
import type { EntryId, MailboxId, MessageId } from '../ids.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `delayMs`; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface Ids {
  /** UUIDv7 of the clock's now. */
  messageId(): MessageId;
  /** 128 random bits. */
  entryId(): EntryId;
  mailboxId(): MailboxId;
  /** 0 <= x < 1. */
  random(): number;
}
