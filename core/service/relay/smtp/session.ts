/**
 * One message over one connection: greeting, EHLO, TLS, AUTH, whether the server can take it at all, and the
 * transaction. RFC 5321 3.1, 3.2 and 4.1.1.1, RFC 3207, RFC 4954, RFC 1870, RFC 6152, RFC 6531.
 */
import {
  type DeliveryOutcome,
  failedByUs,
  outcomeOfReply,
  type SmtpPhase,
  type SmtpReply,
} from '../../../mail/transfer/outcome.ts';
import type { OutboundMessage } from '../message.ts';
import type { Host } from '../route.ts';
import { authenticate } from './auth.ts';
import type { SmtpClient } from './client.ts';
import {
  type Envelope,
  type Extensions,
  hasUtf8Address,
  needsUtf8,
  sendToAll,
  type Transacted,
} from './transaction.ts';
import { TransferFailure } from './transfer-failure.ts';

export interface SessionSettings {
  /** Our name in EHLO. */
  readonly hostname: string;
  readonly tls: 'offered' | 'never';
  /** Called when the server has said its first word. */
  readonly onGreeting: () => void;
}

/**
 * `outcomes`: one for each recipient. `no`: this host takes no mail at all now; another one may (the
 * outcome stands for all recipients if none does).
 */
export type SessionResult =
  | ({ readonly kind: 'outcomes' } & Transacted)
  | { readonly kind: 'no'; readonly outcome: DeliveryOutcome };

/** The whole dialogue. Throws TransferFailure before the first RCPT; what breaks later is in the outcomes. */
export async function transfer(
  client: SmtpClient,
  host: Host,
  envelope: Envelope,
  message: OutboundMessage,
  settings: SessionSettings,
): Promise<SessionResult> {
  const no = (reply: SmtpReply, phase: SmtpPhase): SessionResult => ({
    kind: 'no',
    outcome: outcomeOfReply(reply, phase, host.name),
  });
  if (host.implicitTls) await client.startTls(tlsOptions(host));
  const greeting = await client.greeting();
  settings.onGreeting();
  if (greeting.code !== 220) return no(greeting, 'greeting');
  let hello = await sayHello(client, settings.hostname);
  if (hello.extensions.has('STARTTLS') && !client.encrypted && settings.tls === 'offered') {
    const answer = await client.command('STARTTLS');
    if (answer.code === 220) {
      await client.startTls(tlsOptions(host));
      hello = await sayHello(client, settings.hostname);
    } else if (answer.code === 421) return no(answer, 'ehlo');
  }
  if (hello.reply.code !== 250) return no(hello.reply, 'ehlo');
  if (host.verifiedTls && !client.encrypted)
    throw new TransferFailure('tls', `${host.name} offers no TLS, and it is required there`);
  if (host.credentials) {
    const answer = await authenticate(client, hello.extensions.get('AUTH') ?? '', host.credentials);
    if (answer.code !== 235) return no(answer, 'auth');
  }
  const unfit = unfitFor(hello.extensions, envelope, message, host.name);
  if (unfit)
    return { kind: 'outcomes', outcomes: envelope.recipients.map(() => unfit), mayHaveArrived: false };
  const peer = { client, extensions: hello.extensions, name: host.name };
  return { kind: 'outcomes', ...(await sendToAll(peer, envelope, message)) };
}

async function sayHello(
  client: SmtpClient,
  hostname: string,
): Promise<{ reply: SmtpReply; extensions: Extensions }> {
  const reply = await client.command(`EHLO ${hostname}`);
  if (reply.code >= 500 && reply.code !== 521 && reply.code !== 554 && reply.code !== 556)
    return { reply: await client.command(`HELO ${hostname}`), extensions: new Map() };
  const lines = reply.text.split('\n').slice(1);
  const pairs = lines.map((line) => [
    line.split(/[ =]/, 1)[0]?.toUpperCase() ?? '',
    line.replace(/^[^ =]*[ =]?/, ''),
  ]);
  return { reply, extensions: new Map(pairs as [string, string][]) };
}

function tlsOptions(host: Host) {
  return {
    // Encryption without proof of identity still beats clear text (RFC 7435); a smarthost must prove itself.
    rejectUnauthorized: host.verifiedTls,
    // What the certificate must name where there is no SNI: an address as host of a route.
    host: host.name,
    ...(/^[\d.]+$|:/.test(host.name) ? {} : { servername: host.name }),
  };
}

/** Why this server cannot take this message as it is; nothing is converted. */
function unfitFor(
  extensions: Extensions,
  envelope: Envelope,
  message: OutboundMessage,
  name: string,
): DeliveryOutcome | undefined {
  if (needsUtf8(envelope, message) && !extensions.has('SMTPUTF8')) {
    const words = `${name} does not take internationalized mail (SMTPUTF8)`;
    return failedByUs(hasUtf8Address(envelope) ? '5.6.7' : '5.6.9', words, name);
  }
  if (message.has8bit && !extensions.has('8BITMIME'))
    return failedByUs('5.6.3', `${name} does not take 8-bit messages (8BITMIME)`, name);
  const limit = Number(extensions.get('SIZE') ?? 0);
  if (limit > 0 && message.sizeBytes > limit) {
    const words = `The message has ${message.sizeBytes} octets; ${name} takes at most ${limit}`;
    return failedByUs('5.3.4', words, name);
  }
  return undefined;
}
