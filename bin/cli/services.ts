/** What the administrative commands work with, and how to say where it is. */
import type { OutboundStore } from '../../core/mail/ports/outbound.ts';
import type { Provision } from '../../core/service/provision/context.ts';

export interface AdminServices {
  readonly provision: Provision;
  readonly outbound: Pick<OutboundStore, 'list' | 'get' | 'change'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  close(): void;
}

/** Undefined: whatever the SDK's own environment says, with the embedded AWS as last resort. */
export interface AwsTarget {
  readonly endpoint: string | undefined;
}

export type Connect = (target: AwsTarget) => Promise<AdminServices>;
