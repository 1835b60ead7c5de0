/**
 * Tells a sender of failure or delay: composes the notification and hands it to ingest, which
 * delivers it to the sender's mailbox here or queues it for elsewhere. RFC 5321 6.1, RFC 3464.
 */
import assert from 'node:assert';
import { formatAddress, parseAddress } from '../../mail/address.ts';
import { BodyMissing, type BodyStore } from '../../mail/ports/body-store.ts';
import type { Directory } from '../../mail/ports/directory.ts';
import { composeDsn, maxReturnedHeaderBytes } from '../../mail/transfer/dsn.ts';
import type { OutboundJob, OutboundRecipient } from '../../mail/transfer/job.ts';
import type { Ingest, IngestRecipient } from '../receive/event.ts';
import { firstOctets } from '../relay/body-octets.ts';
import { bounceId, type Round } from './bounce-id.ts';

export interface BouncePorts {
  readonly bodies: BodyStore;
  readonly directory: Directory;
  readonly ingest: Ingest;
  readonly now: () => number;
}

export interface Bounce {
  readonly job: OutboundJob;
  readonly kind: 'failed' | 'delayed';
  /** What names the notification, with the job and the kind. */
  readonly round: Pick<Round, 'attempts' | 'dueAtMs' | 'addresses'>;
  readonly recipients: readonly OutboundRecipient[];
}

/** Durable when it resolves, or final: the sender has no such address. Throws when it must be tried again. */
export async function bounce(
  { job, kind, round, recipients }: Bounce,
  ports: BouncePorts,
  settings: { readonly hostname: string },
): Promise<void> {
  assert(job.reversePath !== '' && recipients.length > 0, 'somebody to tell, and something');
  const to = await senderAsRecipient(job, ports.directory);
  if (to === undefined) return;
  const messageId = bounceId({ jobId: job.jobId, kind, ...round });
  const octets = composeDsn({
    kind,
    messageId,
    reportingHost: settings.hostname,
    sender: to.address,
    nowMs: ports.now(),
    arrivedAtMs: job.createdAtMs,
    ...(kind === 'delayed' ? { retryUntilMs: job.expiresAtMs } : {}),
    recipients: recipients.map(
      ({ address, originalAddress, lastStatus, lastReply, replyBy, remoteHost }) => ({
        address,
        ...(originalAddress === undefined ? {} : { originalAddress }),
        status: lastStatus ?? (kind === 'failed' ? '5.0.0' : '4.0.0'),
        ...(lastReply === undefined ? {} : { reply: lastReply }),
        ...(replyBy === undefined ? {} : { replyBy }),
        ...(remoteHost === undefined ? {} : { remoteHost }),
      }),
    ),
    originalHeader: await headerOf(job, ports.bodies),
  });
  const result = await ports.ingest({
    version: 1,
    messageId,
    origin: 'bounce',
    receivedAtMs: ports.now(),
    client: { address: '127.0.0.1', helo: settings.hostname, protocol: 'ESMTP' },
    reversePath: '',
    recipients: [to],
    body: { kind: 'inline', octets: Buffer.from(octets).toString('base64') },
  });
  // A 5xx is the last word: a notification that nobody takes is dropped, never bounced.
  if (result.code >= 400 && result.code < 500)
    throw new Error(`the notification was not taken: ${result.code}`);
}

/** The sender resolved as if in RCPT; undefined where the address is ours and nobody's. */
async function senderAsRecipient(
  job: OutboundJob,
  directory: Directory,
): Promise<IngestRecipient | undefined> {
  const sender = parseAddress(job.reversePath);
  if (sender === undefined) return undefined;
  const address = formatAddress(sender);
  const found = await directory.resolve(sender);
  if (found.kind === 'unknown') return undefined;
  if (found.kind === 'foreign') return { address, local: [], remote: [address], tenant: job.tenant };
  return { address, local: found.local, remote: found.forwards.map(formatAddress), tenant: found.tenant };
}

async function headerOf(job: OutboundJob, bodies: BodyStore): Promise<Uint8Array> {
  try {
    return await firstOctets(job.body, bodies, maxReturnedHeaderBytes);
  } catch (error) {
    if (error instanceof BodyMissing) return new Uint8Array();
    throw error;
  }
}
