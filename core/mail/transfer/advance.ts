/**
 * One step of an outbound job: the job as it was, what came of an attempt, the time; out come
 * the job as it is now and what its sender must be told. Pure. RFC 5321 4.5.4.1 and 6.1.
 */
import assert from 'node:assert';
import type { OutboundJob, OutboundRecipient } from './job.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { type RetryPolicy, retryDelayMs } from './schedule.ts';

export interface Advance {
  readonly job: OutboundJob;
  /** Recipients whose failure the sender must be told now; empty for a null reverse-path. */
  readonly failed: readonly OutboundRecipient[];
  /** Recipients whose delay the sender must be told now; empty for a null reverse-path. */
  readonly delayed: readonly OutboundRecipient[];
}

/**
 * @param outcomes one for each recipient of the job, undefined for those that were not pending
 * @param random 0 <= x < 1
 */
export function advance(
  job: OutboundJob,
  outcomes: readonly (DeliveryOutcome | undefined)[],
  nowMs: number,
  policy: RetryPolicy,
  random: number,
): Advance {
  assert(job.state === 'queued' && outcomes.length === job.recipients.length, 'outcomes fit the job');
  const expired = nowMs >= job.expiresAtMs;
  const recipients = job.recipients.map((one, i) => step(one, outcomes[i], expired));
  const failed = recipients.filter((one, i) => one.state === 'failed' && one !== job.recipients[i]);
  const pending = recipients.filter((one) => one.state === 'pending');
  const next = { ...job, recipients, attempts: job.attempts + 1 };
  if (pending.length === 0) return { job: concluded(next), failed: tell(job, failed), delayed: [] };
  const warn = shouldWarn(job, nowMs, policy);
  const due = nowMs + retryDelayMs(policy, next.attempts, random, longestWait(outcomes));
  return {
    job: {
      ...next,
      // The last attempt falls on the expiry itself, so that no promised time is cut off.
      dueAtMs: Math.max(Math.min(due, job.expiresAtMs), nowMs + 1000),
      ...(warn ? { warnedAtMs: nowMs } : {}),
    },
    failed: tell(job, failed),
    delayed: warn ? tell(job, pending) : [],
  };
}

/** The recipient after its outcome; the same object when nothing was tried. */
function step(
  recipient: OutboundRecipient,
  outcome: DeliveryOutcome | undefined,
  expired: boolean,
): OutboundRecipient {
  if (recipient.state !== 'pending') {
    assert(outcome === undefined, 'only pending recipients are tried');
    return recipient;
  }
  assert(outcome !== undefined, 'every pending recipient has an outcome');
  const { address, originalAddress } = recipient;
  const answer: OutboundRecipient = {
    address,
    ...(originalAddress === undefined ? {} : { originalAddress }),
    state: outcome.kind === 'deferred' ? 'pending' : outcome.kind,
    lastReply: outcome.reply,
    lastStatus: outcome.status,
    ...(outcome.replyBy ? { replyBy: outcome.replyBy } : {}),
    ...(outcome.remoteHost ? { remoteHost: outcome.remoteHost } : {}),
  };
  // RFC 3463 3.5: 4.4.7, delivery time expired. The last reply stays: it says what was in the way.
  return answer.state === 'pending' && expired ? { ...answer, state: 'failed', lastStatus: '4.4.7' } : answer;
}

/** The job as it is; ended when nobody is pending. */
export function concluded(job: OutboundJob): OutboundJob {
  if (job.recipients.some(({ state }) => state === 'pending')) return job;
  const { dueAtMs: _, ...rest } = job;
  return { ...rest, state: job.recipients.some((one) => one.state === 'failed') ? 'failed' : 'done' };
}

function shouldWarn(job: OutboundJob, nowMs: number, policy: RetryPolicy): boolean {
  if (policy.warnAfterMs === 0 || job.warnedAtMs !== undefined) return false;
  return nowMs - job.createdAtMs >= policy.warnAfterMs;
}

/** A bounce never bounces: nobody is told where the reverse-path is null. */
function tell(job: OutboundJob, recipients: readonly OutboundRecipient[]): readonly OutboundRecipient[] {
  return job.reversePath === '' ? [] : recipients;
}

function longestWait(outcomes: readonly (DeliveryOutcome | undefined)[]): number {
  return Math.max(0, ...outcomes.map((one) => (one?.kind === 'deferred' ? (one.retryAfterMs ?? 0) : 0)));
}
