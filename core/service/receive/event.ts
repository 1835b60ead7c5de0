/**
 * What the SMTP servers hand to the `ingest` Lambda and get back: JSON, versioned, at most
 * 6 MB both ways. A message above `inlineLimitBytes` is in S3 already and goes by reference.
 */
import type { AccountKey, MessageId, TenantId } from '../../mail/ids.ts';
import type { HeadHint } from '../account/deliver.ts';

/** Largest message that travels inside the event: 3 MB become 4 MB of base64 (Lambda takes 6 MB). */
export const inlineLimitBytes = 3_000_000;

export interface IngestEvent {
  readonly version: 1;
  /** Chosen by the server when DATA begins; the same for every retry of this delivery. */
  readonly messageId: MessageId;
  /** `mx`: from outside, judged. `submission`: from `identity`. `bounce`: made by us. */
  readonly origin: 'mx' | 'submission' | 'bounce';
  readonly receivedAtMs: number;
  readonly client: {
    readonly address: string;
    /** What EHLO/HELO said. */
    readonly helo: string;
    /** RFC 3848: SMTP, ESMTP, ESMTPS, ESMTPSA, UTF8SMTP ... */
    readonly protocol: string;
    readonly tls?: string;
  };
  /** Who submitted it; only with origin `submission`. */
  readonly identity?: { readonly account: AccountKey; readonly login: string };
  /** '' is the null reverse-path. */
  readonly reversePath: string;
  readonly recipients: readonly IngestRecipient[];
  readonly body: /** base64 */
    | { readonly kind: 'inline'; readonly octets: string }
    /** The object at `key` was written by the server under the first recipient's (or the submitter's) tenant. */
    | {
        readonly kind: 'stored';
        readonly key: string;
        readonly sizeBytes: number;
        /** Saves `ingest` reading the object, as long as it needs no more. */
        readonly seen?: SeenBody;
      };
}

/** What the server saw of a message that it streamed to S3: of the octets as they were received. */
export interface SeenBody {
  /** Up to and with the empty line; base64. At most `maxHeaderOctets`. */
  readonly header: string;
  /** As in `MessageRecord`. */
  readonly bodyStructure: string;
  readonly parts: string;
  readonly preview: string;
}

/** One accepted RCPT, as resolved when it was accepted. */
export interface IngestRecipient {
  /** As given in RCPT. */
  readonly address: string;
  readonly local: readonly {
    readonly account: AccountKey;
    readonly quotaBytes: number;
    /** What RCPT saw of the account's log when it looked for room: saves `ingest` the same read. */
    readonly head?: HeadHint;
  }[];
  /** Remote addresses to relay to: the recipient itself (submission), or forwards of ours. */
  readonly remote: readonly string[];
  /** Tenant that answers for the recipient; absent for a foreign recipient of a submission. */
  readonly tenant?: TenantId;
}

/** The reply to DATA. A thrown failure is 451. */
export interface IngestResult {
  readonly code: number;
  /** RFC 3463 status, for example 2.0.0. */
  readonly status: string;
  readonly text: string;
}

/** Runs `ingest` somewhere. Throws when there is no answer; the same event may be sent again then. */
export type Ingest = (event: IngestEvent) => Promise<IngestResult>;
