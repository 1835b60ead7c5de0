/**
 * An outbound job: one message to the recipients of one destination domain. The row in table
 * Outbound is the truth; the SQS message only wakes somebody who looks at it.
 */
import type { AccountKey, MessageId, TenantId } from '../ids.ts';
import type { BodyRef } from '../message-record.ts';

/** A job is one DynamoDB item (400 KB) at the worst of replies: split larger lists over several jobs. */
export const maxRecipientsPerJob = 200;

export interface OutboundRecipient {
  readonly address: string;
  /** What the sender wrote, where an alias or a forward led here. */
  readonly originalAddress?: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  /** Last answer: the remote's text or our own words, one line, at most 500 octets. */
  readonly lastReply?: string;
  /** Set when `lastReply` is what the remote server said, and not our own words. */
  readonly replyBy?: 'remote';
  /** RFC 3463 status of the last answer. */
  readonly lastStatus?: string;
  readonly remoteHost?: string;
}

export interface OutboundJob {
  readonly version: 1;
  readonly tenant: TenantId;
  /** `<messageId>.<destination domain>`: a retried submission makes the same job. */
  readonly jobId: string;
  readonly messageId: MessageId;
  readonly body: BodyRef;
  readonly origin: 'submission' | 'forward' | 'bounce';
  /** Who submitted it; a bounce and a forward have none. */
  readonly account?: AccountKey;
  /** '' is the null reverse-path: failures of such a job are recorded, never bounced. */
  readonly reversePath: string;
  readonly domain: string;
  readonly recipients: readonly OutboundRecipient[];
  readonly smtpUtf8: boolean;
  readonly createdAtMs: number;
  /** When the next attempt is due; absent when the job has ended. */
  readonly dueAtMs?: number;
  readonly expiresAtMs: number;
  readonly attempts: number;
  /** When the sender was told of the delay. */
  readonly warnedAtMs?: number;
  /** Notifications that may or may not have been taken: told again, as the same ones, before anything else. */
  readonly owed?: readonly OwedNotification[];
  readonly state: 'queued' | 'done' | 'failed' | 'cancelled';
}

/** The round that called for it, by which the notification is named, and whom it is about. */
export interface OwedNotification {
  readonly kind: 'failed' | 'delayed';
  readonly attempts: number;
  readonly roundMs: number;
  readonly addresses: readonly string[];
}
