/** What `ingest` needs of the world, as ports and settings. */

import type { MessageFact } from '../../mail/account/entry.ts';
import type { AccountKey, MailboxId, ModSeq } from '../../mail/ids.ts';
import type { BodyCreator, BodyStore } from '../../mail/ports/body-store.ts';
import type { Directory } from '../../mail/ports/directory.ts';
import type { Doorbell } from '../../mail/ports/doorbell.ts';
import type { MessageStore } from '../../mail/ports/message-store.ts';
import type { OutboundQueue } from '../../mail/ports/outbound.ts';
import type { Resolver } from '../../mail/ports/resolver.ts';

export interface ReceiveSettings {
  /** Our name: in Received, and the authserv-id of RFC 8601 2.5. */
  readonly hostname: string;
  /** Without DNS nothing is judged; found out once, at start. */
  readonly dnsAvailable: boolean;
  /** How long a remote recipient is tried. */
  readonly outboundExpiryMs: number;
}

export interface ReceiveDependencies {
  readonly settings: ReceiveSettings;
  readonly bodies: BodyStore & BodyCreator;
  readonly messages: MessageStore;
  readonly outbound: OutboundQueue;
  readonly directory: Directory;
  readonly doorbell: Doorbell;
  readonly resolver: Resolver;
  readonly deliver: Deliver;
}

/** Appends one message to an account's log, once for each messageId however often it is asked. */
export type Deliver = (
  account: AccountKey,
  quotaBytes: number,
  mailbox: MailboxId,
  message: MessageFact,
) => Promise<Delivered>;

export type Delivered =
  | { readonly kind: 'delivered' | 'duplicate'; readonly modSeq: ModSeq }
  | { readonly kind: 'over-quota' | 'no-account' };
