/**
 * A batch of wake-ups from the queue: each names a job, all are worked on at once, and those
 * whose work failed are handed back to the queue one by one.
 */
import type { TenantId } from '../../core/mail/ids.ts';
import { type RelayPorts, relayJob } from '../../core/service/relay/relay.ts';
import type { RelaySettings } from '../../core/service/relay/settings.ts';
import { SilentHosts } from '../../core/service/relay/silent-hosts.ts';

/** As SQS gives it to a Lambda; what else it holds is not read. */
export interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** What SQS shall deliver again. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** One line of the log for each job that was worked on. */
export type RelayLog = (line: Readonly<Record<string, unknown>>) => void;

export function createRelay(
  given: Omit<RelayPorts, 'silentHosts'>,
  settings: RelaySettings,
  log: RelayLog,
): (event: SqsEvent) => Promise<BatchResponse> {
  const ports = { ...given, silentHosts: new SilentHosts(given.now, settings.retry) };
  return async ({ Records }) => {
    const failed = await Promise.all(
      Records.map(async ({ messageId, body }) => {
        try {
          await relayOne(body, ports, settings, log);
          return [];
        } catch (error) {
          log({ event: 'relay-failed', queueMessage: messageId, error: String(error) });
          return [{ itemIdentifier: messageId }];
        }
      }),
    );
    return { batchItemFailures: failed.flat() };
  };
}

async function relayOne(
  body: string,
  ports: RelayPorts,
  settings: RelaySettings,
  log: RelayLog,
): Promise<void> {
  const { tenant, jobId } = JSON.parse(body) as { readonly tenant?: unknown; readonly jobId?: unknown };
  if (typeof tenant !== 'string' || typeof jobId !== 'string') throw new Error('this is no wake-up of ours');
  const relayed = await relayJob(tenant as TenantId, jobId, ports, settings);
  if (relayed.kind === 'idle') return;
  const { state, attempts, domain, dueAtMs, recipients } = relayed.job;
  log({
    event: 'relay',
    outcome: relayed.kind,
    tenant,
    jobId,
    domain,
    state,
    attempts,
    ...(dueAtMs === undefined ? {} : { due: new Date(dueAtMs).toISOString() }),
    recipients: recipients.map(({ state: became, lastStatus, remoteHost }) => ({
      became,
      lastStatus,
      remoteHost,
    })),
  });
}
