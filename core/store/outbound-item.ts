/**
 * An outbound job as an item of table Outbound, format version 1 (docs/outbound.md). The
 * job's own due time is `attemptAtMs`; `dueAtMs` is the key of the sparse index 'due': when
 * the tick has to look at the job because no wake-up did. Ended jobs leave the index.
 */
import assert from 'node:assert';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { maxWakeDelayMs } from '../mail/ports/outbound.ts';
import type { OutboundJob } from '../mail/transfer/job.ts';

export type Item = Record<string, AttributeValue>;

/** Partitions of the due index; each takes 1000 writes a second. */
export const dueShards = ['0', '1', '2', '3'] as const;
/** What a wake-up may take before the tick thinks it lost. */
export const wakeGraceMs = 60_000;
/** How long an ended job can still be looked at (attribute `ttl`, seconds). */
export const keepEndedMs = 7 * 24 * 3_600_000;

/** `settledBy`: the lease that wrote this state, so that a repeated request knows its own work. */
export function itemOf(job: OutboundJob, nowMs: number, settledBy?: string): Item {
  const { dueAtMs: attemptAtMs, ...rest } = job;
  assert((attemptAtMs !== undefined) === (job.state === 'queued'), 'a queued job has a due time');
  const index =
    attemptAtMs === undefined
      ? { ttl: Math.ceil((nowMs + keepEndedMs) / 1000) }
      : { dueShard: shardOf(job.jobId), dueAtMs: lookAt(attemptAtMs, nowMs), attemptAtMs };
  return marshall({ ...rest, ...index, settledBy }, { removeUndefinedValues: true });
}

export function jobOf(item: Item): OutboundJob {
  const { attemptAtMs, dueAtMs, dueShard, leaseId, leaseUntilMs, settledBy, ttl, owed, ...rest } =
    unmarshall(item);
  assert(rest.version === 1, 'a job of version 1');
  const job = { ...rest, ...owedOf(owed) } as OutboundJob;
  return attemptAtMs === undefined ? job : { ...job, dueAtMs: attemptAtMs };
}

/** At first there was one at most, and only of failures. */
function owedOf(owed: unknown): object {
  if (owed === undefined || Array.isArray(owed)) return { ...(owed && { owed }) };
  return { owed: [{ kind: 'failed', ...(owed as object) }] };
}

/** When the tick shall look: at once where nobody else will wake the job, else after the grace. */
export function lookAt(attemptAtMs: number, nowMs: number): number {
  return attemptAtMs - nowMs > maxWakeDelayMs ? attemptAtMs : attemptAtMs + wakeGraceMs;
}

function shardOf(jobId: string): string {
  let sum = 0;
  for (let i = 0; i < jobId.length; i++) sum = (sum * 31 + jobId.charCodeAt(i)) >>> 0;
  return String(sum % dueShards.length);
}
