/** The message id of a notification: the same whenever the same round of a job is repeated. */
import { createHash } from 'node:crypto';
import type { MessageId } from '../../mail/ids.ts';

/** A UUIDv7 (RFC 9562 5.7) of the time the round was due; its random part is a digest of the round. */
export function bounceId(jobId: string, attempts: number, kind: string, dueAtMs: number): MessageId {
  const time = dueAtMs.toString(16).padStart(12, '0').slice(-12);
  const digest = createHash('sha256').update(`${jobId}\n${attempts}\n${kind}`).digest('hex');
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 3) | 8).toString(16);
  const parts = [time.slice(0, 8), time.slice(8), `7${digest.slice(0, 3)}`];
  return [...parts, `${variant}${digest.slice(4, 7)}`, digest.slice(7, 19)].join('-') as MessageId;
}
