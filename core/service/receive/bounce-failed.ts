/**
 * The notification to the sender of a message that some recipients got and others could not
 * get in the last moment. It goes through `ingest` like any message. RFC 5321 6.1, RFC 3464.
 */
import { parseAddress } from '../../mail/address.ts';
import type { MessageId } from '../../mail/ids.ts';
import { composeDsn } from '../../mail/transfer/dsn.ts';
import { bounceId } from '../bounce/bounce-id.ts';
import type { ReceiveDependencies } from './dependencies.ts';
import type { IngestEvent, IngestRecipient, IngestResult } from './event.ts';
import type { CopyOutcome } from './receive.ts';
import { result } from './result.ts';
import type { FinishedMessage } from './stage.ts';

type Receive = (event: IngestEvent, dependencies: ReceiveDependencies) => Promise<IngestResult>;

/** Does nothing for the null reverse-path: nobody wants to know (RFC 5321 4.5.5). */
export async function bounceFailed(
  event: IngestEvent,
  { source }: FinishedMessage,
  failed: readonly CopyOutcome[],
  dependencies: ReceiveDependencies,
  receive: Receive,
): Promise<void> {
  const sender = event.reversePath === '' ? undefined : parseAddress(event.reversePath);
  const [first] = failed;
  if (!sender || !first) return;
  const messageId = bounceId({
    jobId: event.messageId,
    attempts: 0,
    kind: 'failed',
    dueAtMs: event.receivedAtMs,
    addresses: failed.map(({ copy }) => copy.address),
  });
  const octets = composeDsn({
    kind: 'failed',
    messageId,
    reportingHost: dependencies.settings.hostname,
    sender: event.reversePath,
    nowMs: event.receivedAtMs,
    arrivedAtMs: event.receivedAtMs,
    recipients: failed.map(({ copy, outcome }) => recipient(copy.address, outcome)),
    originalHeader: source.header ?? Buffer.alloc(0),
  });
  const found = await dependencies.directory.resolve(sender);
  const known = found.kind === 'known' ? found : undefined;
  if (found.kind === 'unknown') return; // a forged sender of ours
  const to: IngestRecipient = {
    address: event.reversePath,
    local: known?.local ?? [],
    remote: known
      ? known.forwards.map(({ localPart, domain }) => `${localPart}@${domain}`)
      : [event.reversePath],
    tenant: known?.tenant ?? first.copy.account.tenant,
  };
  await receive(notification(event, messageId, octets, to, dependencies), dependencies);
}

function notification(
  event: IngestEvent,
  messageId: MessageId,
  octets: Uint8Array,
  to: IngestRecipient,
  { settings }: ReceiveDependencies,
): IngestEvent {
  return {
    version: 1,
    messageId,
    origin: 'bounce',
    receivedAtMs: event.receivedAtMs,
    client: { address: '127.0.0.1', helo: settings.hostname, protocol: 'ESMTP' },
    reversePath: '',
    recipients: [to],
    body: { kind: 'inline', octets: Buffer.from(octets).toString('base64') },
  };
}

function recipient(address: string, outcome: CopyOutcome['outcome']) {
  const { status, text } = outcome === 'no-account' ? result.noAccount : result.overQuota;
  return { address, status, reply: text };
}
