/**
 * The work of the relay: take the lease of a job, attempt it, tell the sender what must be
 * told, write down what became of it, have it woken again. May run twice with the same input.
 *
 * Delivery is at least once: if we crash between the remote's 250 and `settle`, the lease runs
 * out and the message is sent again, as RFC 5321 4.5.3.2.6 accepts of every relay. All other
 * repetitions (doubled queue messages, two ticks) end at the lease.
 */

import type { TenantId } from '../../mail/ids.ts';
import { type LeasedJob, maxWakeDelayMs, type OutboundStore } from '../../mail/ports/outbound.ts';
import { advance } from '../../mail/transfer/advance.ts';
import type { OutboundJob } from '../../mail/transfer/job.ts';
import { type AttemptPorts, attempt } from './attempt.ts';
import { holding } from './hold-lease.ts';
import { owing, type TellPorts, tellOwed } from './owed.ts';
import type { RelaySettings } from './settings.ts';

export interface RelayPorts extends AttemptPorts, TellPorts {
  readonly store: OutboundStore;
}

/** `idle`: not ours to do now (done, not due, or somebody else is at it). `lost`: the lease ran out under us. */
export type Relayed =
  | { readonly kind: 'idle' }
  | { readonly kind: 'settled' | 'lost'; readonly job: OutboundJob };

/** Works on one job, once. Throws when the store fails; the lease then makes it safe to try again. */
export async function relayJob(
  tenant: TenantId,
  jobId: string,
  ports: RelayPorts,
  settings: RelaySettings,
): Promise<Relayed> {
  const leased = await ports.store.lease(tenant, jobId, ports.now(), settings.leaseMs);
  if (leased === undefined) return { kind: 'idle' };
  const job = await holding(leased, ports, settings, (lost) => work(leased, ports, settings, lost));
  if (job === undefined || !(await ports.store.settle(leased, job)))
    return { kind: 'lost', job: job ?? leased.job };
  await wakeAgain(job, ports);
  return { kind: 'settled', job };
}

/** The job as it is after one attempt, the sender told of it; undefined when the lease was lost. */
async function work(
  leased: LeasedJob,
  ports: RelayPorts,
  settings: RelaySettings,
  lost: AbortSignal,
): Promise<OutboundJob | undefined> {
  const job = await tellOwed(leased.job, ports, settings);
  if (!job.recipients.some(({ state }) => state === 'pending')) return job;
  const signal = AbortSignal.any([lost, AbortSignal.timeout(settings.attemptMs)]);
  const outcomes = await attempt(job, ports, settings, signal);
  const step = advance(job, outcomes, ports.now(), settings.retry, ports.random());
  const after = owing(job, step, ports.now());
  if (step.failed.length === 0 && step.delayed.length === 0) return after;
  // Written down before it is told: whoever was reported as failed is never tried again, whatever happens here.
  if (!(await ports.store.note(leased, after, ports.now() + settings.leaseMs))) return undefined;
  return tellOwed(after, ports, settings);
}

/** By the queue where it can wait so long; otherwise the due index has it. */
async function wakeAgain(job: OutboundJob, ports: RelayPorts): Promise<void> {
  if (job.dueAtMs === undefined) return;
  const delayMs = job.dueAtMs - ports.now();
  if (delayMs <= maxWakeDelayMs) await ports.store.wake(job.tenant, job.jobId, Math.max(0, delayMs));
}
