/**
 * The message id of a notification: the same whenever the same round of a job is repeated and says the same of the
 * same recipients. A repeated round may fail for others than the first did; under the first one's id they would
 * be taken for told, and never be.
 */
import { createHash } from 'node:crypto';
import type { MessageId } from '../../mail/ids.ts';

export interface Round {
  readonly jobId: string;
  readonly attempts: number;
  readonly kind: 'failed' | 'delayed';
  readonly dueAtMs: number;
  /** Whom the notification is about. */
  readonly addresses: readonly string[];
}

/** A UUIDv7 (RFC 9562 5.7) of the time the round was due; its random part is a digest of the round. */
export function bounceId({ jobId, attempts, kind, dueAtMs, addresses }: Round): MessageId {
  const time = dueAtMs.toString(16).padStart(12, '0').slice(-12);
  const about = [jobId, attempts, kind, ...[...addresses].sort()].join('\n');
  const digest = createHash('sha256').update(about).digest('hex');
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 3) | 8).toString(16);
  const parts = [time.slice(0, 8), time.slice(8), `7${digest.slice(0, 3)}`];
  return [...parts, `${variant}${digest.slice(4, 7)}`, digest.slice(7, 19)].join('-') as MessageId;
}
