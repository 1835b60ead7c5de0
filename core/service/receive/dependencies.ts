/** What `ingest` needs of the world, as ports and settings. */
import type { BodyCreator, BodyStore } from '../../mail/ports/body-store.ts';
import type { Directory } from '../../mail/ports/directory.ts';
import type { OutboundQueue } from '../../mail/ports/outbound.ts';
import type { Resolver } from '../../mail/ports/resolver.ts';
import type { DeliveryPorts } from '../account/deliver.ts';
import type { HeadCache } from './head-cache.ts';

export interface ReceiveSettings {
  /** Our name: in Received, and the authserv-id of RFC 8601 2.5. */
  readonly hostname: string;
  /** Without DNS nothing is judged; found out once, at start. */
  readonly dnsAvailable: boolean;
  /** How long a remote recipient is tried. */
  readonly outboundExpiryMs: number;
}

export interface ReceiveDependencies extends DeliveryPorts {
  readonly settings: ReceiveSettings;
  readonly bodies: BodyStore & BodyCreator;
  readonly outbound: OutboundQueue;
  readonly directory: Directory;
  readonly resolver: Resolver;
  /** One per process. */
  readonly heads: HeadCache;
}
