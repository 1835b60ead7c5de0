/**
 * One attempt at a job: the hosts of its domain in order until one decides, and what that
 * means for each pending recipient. Every trouble ends as an outcome. RFC 5321 5.1, RFC 3207.
 */
import type { DkimSigner } from '../../auth/dkim/sign.ts';
import { formatAddress, parseAddress } from '../../mail/address.ts';
import { BodyMissing, type BodyStore } from '../../mail/ports/body-store.ts';
import type { Directory } from '../../mail/ports/directory.ts';
import type { Resolver } from '../../mail/ports/resolver.ts';
import type { OutboundJob } from '../../mail/transfer/job.ts';
import {
  type DeliveryOutcome,
  failedByUs,
  outcomeOfTrouble,
  type TransferTrouble,
} from '../../mail/transfer/outcome.ts';
import { findDestination } from './destination.ts';
import { type OutboundMessage, prepareMessage } from './message.ts';
import type { Host } from './route.ts';
import type { RelaySettings } from './settings.ts';
import type { SilentHosts } from './silent-hosts.ts';
import { SmtpClient } from './smtp/client.ts';
import { limits } from './smtp/limits.ts';
import { type SessionResult, type SessionSettings, transfer } from './smtp/session.ts';
import type { Envelope } from './smtp/transaction.ts';
import { TransferFailure } from './smtp/transfer-failure.ts';
import { Verdicts } from './verdicts.ts';

export interface AttemptPorts {
  readonly bodies: BodyStore;
  readonly directory: Directory;
  readonly resolver: Resolver;
  readonly silentHosts: SilentHosts;
  readonly now: () => number;
  readonly random: () => number;
  /** Hears of failures of our own (storage, keys) that became a deferral. */
  readonly onFailure: (error: unknown, jobId: string) => void;
}

/** One outcome for each recipient, undefined where it was not pending. Does not throw but for bugs. */
export async function attempt(
  job: OutboundJob,
  ports: AttemptPorts,
  settings: RelaySettings,
  signal: AbortSignal,
): Promise<readonly (DeliveryOutcome | undefined)[]> {
  const outcomes: (DeliveryOutcome | undefined)[] = job.recipients.map(() => undefined);
  const pending: { readonly index: number; readonly wire: string }[] = [];
  job.recipients.forEach((recipient, index) => {
    if (recipient.state !== 'pending') return;
    const wire = wireAddress(recipient.address);
    if (wire === undefined) outcomes[index] = failedByUs('5.1.3', 'This is no mail address');
    else pending.push({ index, wire });
  });
  if (pending.length === 0) return outcomes;
  const envelope: Envelope = {
    reversePath: job.reversePath === '' ? '' : (wireAddress(job.reversePath) ?? ''),
    recipients: pending.map((one) => one.wire),
    smtpUtf8: job.smtpUtf8,
  };
  const found = await deliver(job, envelope, ports, settings, signal);
  pending.forEach(({ index }, i) => {
    outcomes[index] = found[i];
  });
  return outcomes;
}

/** As SMTP carries it: the domain as A-labels, so that only the local part may need SMTPUTF8. */
function wireAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

async function deliver(
  job: OutboundJob,
  envelope: Envelope,
  ports: AttemptPorts,
  settings: RelaySettings,
  signal: AbortSignal,
): Promise<readonly DeliveryOutcome[]> {
  const verdicts = new Verdicts(envelope.recipients);
  try {
    const domain = parseAddress(`x@${job.domain}`)?.domain ?? job.domain;
    const destination = await findDestination(domain, ports.resolver, settings, ports.random);
    if ('kind' in destination) return verdicts.all(destination);
    let prepared: Promise<OutboundMessage> | undefined;
    const message = () => (prepared ??= prepare(job, ports));
    await offerToAll(destination.hosts, verdicts, signal, (host, recipients) =>
      tryHost(host, { ...envelope, recipients }, message, ports.silentHosts, settings, signal),
    );
    if (destination.unasked()) verdicts.keepOpen();
    if (signal.aborted)
      return verdicts.all(outcomeOfTrouble('timeout', 'There was not enough time for this attempt'));
    return verdicts.all(destination.nothing());
  } catch (error) {
    if (error instanceof BodyMissing)
      return verdicts.all(failedByUs('5.3.0', 'The message is no longer stored here'));
    ports.onFailure(error, job.jobId);
    return verdicts.all(outcomeOfTrouble('local', 'Our own system had a fault; it is tried again'));
  }
}

/** Host after host, until each recipient is decided or one attempt has seen enough of them (RFC 5321 5.1). */
async function offerToAll(
  hosts: AsyncIterable<Host>,
  verdicts: Verdicts,
  signal: AbortSignal,
  offer: (host: Host, recipients: readonly string[]) => Promise<SessionResult>,
): Promise<void> {
  let tried = 0;
  let transactions = 0;
  for await (const host of hosts) {
    // As long as one host was not asked, the message is not refused for good by those that take no mail.
    if (tried++ >= limits.addressesPerAttempt || signal.aborted) return verdicts.keepOpen();
    const result = await offer(host, verdicts.open);
    if (result.kind === 'no') verdicts.hold(result.outcome);
    else {
      verdicts.take(result.outcomes);
      if (result.mayHaveArrived || ++transactions >= limits.transactionsPerAttempt) return;
    }
    if (verdicts.open.length === 0) return;
  }
}

/** One address; in clear once more when TLS was only offered and did not come about. */
async function tryHost(
  host: Host,
  envelope: Envelope,
  message: () => Promise<OutboundMessage>,
  silentHosts: SilentHosts,
  settings: RelaySettings,
  signal: AbortSignal,
): Promise<SessionResult> {
  const session = await silentHosts.begin(`${host.address} ${host.port}`);
  if (session === undefined)
    return no(host, 'timeout', 'it left us waiting a moment ago and is asked again later');
  const converse = (tls: 'offered' | 'never') =>
    oneSession(host, envelope, message, { ...settings, tls, onGreeting: session.spoke }, signal);
  let timedOut = false;
  try {
    let result = await converse('offered');
    if (result instanceof TransferFailure && result.trouble === 'tls' && !host.verifiedTls)
      result = await converse('never');
    if (!(result instanceof TransferFailure)) return result;
    timedOut = result.trouble === 'timeout';
    return no(host, result.trouble, result.message);
  } finally {
    session.ended(timedOut);
  }
}

function no(host: Host, trouble: TransferTrouble, words: string): SessionResult {
  const where = host.name === host.address ? host.name : `${host.name} [${host.address}]`;
  return { kind: 'no', outcome: outcomeOfTrouble(trouble, `${where}: ${words}`, host.name) };
}

/** What came of it, or how it broke off before anybody was decided. */
async function oneSession(
  host: Host,
  envelope: Envelope,
  message: () => Promise<OutboundMessage>,
  settings: RelaySettings & SessionSettings,
  signal: AbortSignal,
): Promise<SessionResult | TransferFailure> {
  let client: SmtpClient | undefined;
  try {
    client = await SmtpClient.connect(host.address, host.port, settings.timeouts, signal);
    const result = await transfer(client, host, envelope, await message(), settings);
    client.quit();
    return result;
  } catch (error) {
    client?.destroy();
    if (error instanceof TransferFailure) return error;
    throw error;
  }
}

/**
 * Signed for the author's domain, or else the sender's, where that is hosted for the same tenant. Never what came
 * from outside and is forwarded: nobody has shown that its author is who it says, and a signature would.
 */
async function prepare(job: OutboundJob, ports: AttemptPorts): Promise<OutboundMessage> {
  const signersFor = async (author: string | undefined): Promise<readonly DkimSigner[]> => {
    if (job.origin === 'forward') return [];
    const sender = parseAddress(job.reversePath)?.domain;
    for (const name of new Set([author, sender])) {
      const domain = name === undefined ? undefined : await ports.directory.domain(name);
      if (domain?.tenant !== job.tenant || domain.dkim.length === 0) continue;
      return domain.dkim.map((key) => ({ domain: domain.name, ...key }));
    }
    return [];
  };
  return prepareMessage(job.body, ports.bodies, signersFor, ports.now());
}
