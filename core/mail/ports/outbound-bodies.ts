/** The port by which the reaper asks the outbound queue whether it still needs a body. */
import type { MessageId, TenantId } from '../ids.ts';

export interface OutboundBodies {
  /** Whether a job that has not ended names the message's body. Strongly consistent. */
  names(tenant: TenantId, messageId: MessageId): Promise<boolean>;
}
