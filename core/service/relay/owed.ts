/**
 * Notifications that a job owes its sender: written into the job before they are told and taken out after it, so
 * that a crash between the two tells them again under the same name, and tries nobody again who was in them.
 */
import { nameableForMs } from '../../mail/account/limits.ts';
import { type Advance, concluded } from '../../mail/transfer/advance.ts';
import type { OutboundJob, OwedNotification } from '../../mail/transfer/job.ts';
import { type RetryPolicy, retryDelayMs } from '../../mail/transfer/schedule.ts';
import { type BouncePorts, bounce } from '../bounce/bounce.ts';

/** Tries to tell before a notification is given up. */
const leastTellings = 10;

export interface TellPorts extends BouncePorts {
  readonly random: () => number;
  /** Hears why somebody could not be told now. */
  readonly onFailure: (error: unknown, jobId: string) => void;
}

export interface TellSettings {
  readonly hostname: string;
  readonly retry: RetryPolicy;
}

/** The job after a round, owing what the round calls for; `before` is the job as it was, whose round names it. */
export function owing(before: OutboundJob, { job, failed, delayed }: Advance, nowMs: number): OutboundJob {
  const round = { attempts: before.attempts, roundMs: before.dueAtMs ?? before.createdAtMs };
  const fresh: OwedNotification[] = [
    { kind: 'failed' as const, ...round, addresses: failed.map(({ address }) => address) },
    { kind: 'delayed' as const, ...round, addresses: delayed.map(({ address }) => address) },
  ].filter(({ addresses }) => addresses.length > 0);
  const owed = [...(before.owed ?? []), ...fresh];
  return owed.length === 0 ? job : { ...job, owed, state: 'queued', dueAtMs: job.dueAtMs ?? nowMs };
}

/** Tells what is owed. The job still owes what could not be told now; without a debt it has ended if nobody is pending. */
export async function tellOwed(
  job: OutboundJob,
  ports: TellPorts,
  settings: TellSettings,
): Promise<OutboundJob> {
  const { owed = [], ...rest } = job;
  const left: OwedNotification[] = [];
  for (const one of owed) {
    try {
      await tell(rest, one, ports, settings);
    } catch (error) {
      ports.onFailure(error, job.jobId);
      if (!isHopeless(one, rest, ports.now(), settings.retry)) left.push(one);
    }
  }
  if (left.length === 0) return concluded(rest);
  if (rest.recipients.some(({ state }) => state === 'pending')) return { ...rest, owed: left };
  const attempts = rest.attempts + 1;
  const retryMs = retryDelayMs(settings.retry, attempts, ports.random());
  return { ...rest, attempts, owed: left, dueAtMs: ports.now() + retryMs };
}

/**
 * A sender whose mailbox is full for days is told no more than one who does not exist. Time alone is no reason: the round
 * itself may have come so late that the first try finds it old.
 */
function isHopeless(
  { roundMs, attempts }: OwedNotification,
  job: OutboundJob,
  nowMs: number,
  { expiryMs }: RetryPolicy,
): boolean {
  return nowMs - roundMs >= expiryMs && job.attempts - attempts >= leastTellings;
}

async function tell(
  job: OutboundJob,
  { kind, attempts, roundMs, addresses }: OwedNotification,
  ports: TellPorts,
  settings: TellSettings,
): Promise<void> {
  const about = job.recipients.filter(({ address }) => addresses.includes(address));
  // Who was delivered since is not delayed any more.
  const recipients = kind === 'failed' ? about : about.filter(({ state }) => state === 'pending');
  if (recipients.length === 0) return;
  // The name has the time in it, and an old one is not taken any more.
  const named = ports.now() - roundMs > nameableForMs / 2 ? ports.now() : roundMs;
  const round = { attempts, dueAtMs: named, addresses };
  await bounce({ job, kind, round, recipients }, ports, settings);
}
