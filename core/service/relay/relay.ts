/**
 * The work of the relay: take the lease of a job, attempt it, tell the sender what must be
 * told, write down what became of it, have it woken again. May run twice with the same input.
 *
 * Delivery is at least once: if we crash between the remote's 250 and `settle`, the lease runs
 * out and the message is sent again, as RFC 5321 4.5.3.2.6 accepts of every relay. All other
 * repetitions (doubled queue messages, two ticks) end at the lease.
 */

import { nameableForMs } from '../../mail/account/limits.ts';
import type { TenantId } from '../../mail/ids.ts';
import type { OutboundStore } from '../../mail/ports/outbound.ts';
import { maxWakeDelayMs } from '../../mail/ports/outbound.ts';
import { type Advance, advance } from '../../mail/transfer/advance.ts';
import type { OutboundJob } from '../../mail/transfer/job.ts';
import { retryDelayMs } from '../../mail/transfer/schedule.ts';
import { type BouncePorts, bounce } from '../bounce/bounce.ts';
import { type AttemptPorts, attempt } from './attempt.ts';
import { holding } from './hold-lease.ts';
import type { RelaySettings } from './settings.ts';

export interface RelayPorts extends AttemptPorts, BouncePorts {
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
  const job = await holding(leased, ports, settings, (lost) => work(leased.job, ports, settings, lost));
  if (!(await ports.store.settle(leased, job))) return { kind: 'lost', job };
  await wakeAgain(job, ports);
  return { kind: 'settled', job };
}

/** The job as it is after one attempt, the sender told of it. */
async function work(
  leased: OutboundJob,
  ports: RelayPorts,
  settings: RelaySettings,
  lost: AbortSignal,
): Promise<OutboundJob> {
  const job = lost.aborted ? leased : await tellOwed(leased, ports, settings);
  if (job.owed !== undefined) return job;
  const signal = AbortSignal.any([lost, AbortSignal.timeout(settings.attemptMs)]);
  const outcomes = await attempt(job, ports, settings, signal);
  const step = advance(job, outcomes, ports.now(), settings.retry, ports.random());
  if (step.failed.length === 0 && step.delayed.length === 0) return step.job;
  // Without the lease somebody else may be telling the sender already.
  const told = !lost.aborted && (await tellSender(job, step, ports, settings));
  return told ? step.job : untold(job, step, ports, settings);
}

/** Whether all that had to be said is durable. */
async function tellSender(
  before: OutboundJob,
  { job, failed, delayed }: Advance,
  ports: RelayPorts,
  settings: RelaySettings,
): Promise<boolean> {
  try {
    if (failed.length > 0) await bounce({ job: before, kind: 'failed', recipients: failed }, ports, settings);
    if (delayed.length > 0)
      await bounce(
        { job: before, kind: 'delayed', recipients: delayed, retryUntilMs: job.expiresAtMs },
        ports,
        settings,
      );
    return true;
  } catch (error) {
    ports.onFailure(error, job.jobId);
    return false;
  }
}

/**
 * The sender could not be told, or nobody knows: what was decided is written down, and that the notification is
 * owed. It must not be tried again before it is told: what may have been reported as failed must not be delivered.
 */
function untold(
  before: OutboundJob,
  { job, failed }: Advance,
  ports: RelayPorts,
  settings: RelaySettings,
): OutboundJob {
  const { warnedAtMs: _, ...rest } = job;
  const retryMs = retryDelayMs(settings.retry, job.attempts, ports.random());
  const owed = {
    attempts: before.attempts,
    roundMs: before.dueAtMs ?? before.createdAtMs,
    addresses: failed.map(({ address }) => address),
  };
  return {
    ...rest,
    ...(before.warnedAtMs === undefined ? {} : { warnedAtMs: before.warnedAtMs }),
    ...(failed.length === 0 ? {} : { owed }),
    state: 'queued',
    dueAtMs: job.dueAtMs ?? ports.now() + retryMs,
  };
}

/** The job without what it owed its sender; unchanged but for its due time where that cannot be told now either. */
async function tellOwed(job: OutboundJob, ports: RelayPorts, settings: RelaySettings): Promise<OutboundJob> {
  const { owed, ...settled } = job;
  if (owed === undefined) return job;
  const { attempts, addresses } = owed;
  const thisRoundMs = job.dueAtMs ?? ports.now();
  // Its name has the time in it, and an old one is not taken any more.
  const dueAtMs = ports.now() - owed.roundMs > nameableForMs / 2 ? thisRoundMs : owed.roundMs;
  const recipients = job.recipients.filter(({ address }) => addresses.includes(address));
  try {
    await bounce({ job: { ...job, attempts, dueAtMs }, kind: 'failed', recipients }, ports, settings);
    return settled;
  } catch (error) {
    ports.onFailure(error, job.jobId);
    const retryMs = retryDelayMs(settings.retry, job.attempts + 1, ports.random());
    return { ...job, attempts: job.attempts + 1, dueAtMs: ports.now() + retryMs };
  }
}

/** By the queue where it can wait so long; otherwise the due index has it. */
async function wakeAgain(job: OutboundJob, ports: RelayPorts): Promise<void> {
  if (job.dueAtMs === undefined) return;
  const delayMs = job.dueAtMs - ports.now();
  if (delayMs <= maxWakeDelayMs) await ports.store.wake(job.tenant, job.jobId, Math.max(0, delayMs));
}
