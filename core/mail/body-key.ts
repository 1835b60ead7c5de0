/** Where a message's octets lie in the bucket, and what the key says. */
import { isMessageId, timeOfMessageId } from './account/message-id.ts';
import type { MessageId, TenantId } from './ids.ts';

/** `<tenant>/bodies/<yyyy-mm-dd>/<messageId>`, the day (UTC) being that of the id. */
export function bodyKey(tenant: TenantId, messageId: MessageId): string {
  return `${bodyPrefix(tenant, timeOfMessageId(messageId))}${messageId}`;
}

/** The keys of a tenant's day. */
export function bodyPrefix(tenant: TenantId, timeMs: number): string {
  return `${tenant}/bodies/${new Date(timeMs).toISOString().slice(0, 10)}/`;
}

/** The message of a body's key; undefined for a key that is none. */
export function messageIdOfBody(key: string): MessageId | undefined {
  const id = key.slice(key.lastIndexOf('/') + 1);
  return isMessageId(id) ? id : undefined;
}
