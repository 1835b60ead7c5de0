/**
 * One message over one connection: greeting, EHLO, TLS, AUTH, envelope, data, and what that
 * means for each recipient. A refused RCPT does not hinder the others. RFC 5321 3 and 4.1.1,
 * RFC 3207, RFC 2920, RFC 1870, RFC 6152, RFC 6531, RFC 4954.
 */
import {
  type DeliveryOutcome,
  failedByUs,
  outcomeOfReply,
  outcomeOfTrouble,
  type SmtpPhase,
  type SmtpReply,
} from '../../../mail/transfer/outcome.ts';
import type { OutboundMessage } from '../message.ts';
import type { Host } from '../route.ts';
import { authenticate } from './auth.ts';
import type { SmtpClient } from './client.ts';
import { TransferFailure } from './transfer-failure.ts';

export interface Envelope {
  /** As it goes over the wire, '' for the null reverse-path. */
  readonly reversePath: string;
  readonly recipients: readonly string[];
  /** The message was declared SMTPUTF8 when it came to us. */
  readonly smtpUtf8: boolean;
}

export interface SessionSettings {
  /** Our name in EHLO. */
  readonly hostname: string;
  readonly tls: 'offered' | 'never';
}

/**
 * `outcomes`: one for each recipient. `no`: this host does not take the message at all, before
 * any recipient was decided; another one may (the outcome stands for all recipients if none does).
 */
export type SessionResult =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly DeliveryOutcome[] }
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
  if (unfit) return { kind: 'outcomes', outcomes: envelope.recipients.map(() => unfit) };
  return await send(client, hello.extensions, host.name, envelope, message);
}

type Extensions = ReadonlyMap<string, string>;

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

async function send(
  client: SmtpClient,
  extensions: Extensions,
  name: string,
  envelope: Envelope,
  message: OutboundMessage,
): Promise<SessionResult> {
  const commands = [
    mailCommand(extensions, envelope, message),
    ...envelope.recipients.map((to) => `RCPT TO:<${to}>`),
  ];
  const pipelining = extensions.has('PIPELINING');
  if (pipelining) client.send(commands);
  const mail = pipelining ? await client.reply() : await client.command(commands[0] ?? '');
  if (mail.code !== 250) {
    const outcome = outcomeOfReply(mail, 'mail', name);
    if (outcome.kind === 'deferred') return { kind: 'no', outcome };
    return { kind: 'outcomes', outcomes: envelope.recipients.map(() => outcome) };
  }
  const outcomes: (DeliveryOutcome | undefined)[] = [];
  let rest: DeliveryOutcome;
  try {
    for (const command of commands.slice(1)) {
      const answer = pipelining ? await client.reply() : await client.command(command);
      const taken = answer.code === 250 || answer.code === 251;
      outcomes.push(taken ? undefined : outcomeOfReply(answer, 'rcpt', name));
    }
    rest = outcomes.includes(undefined)
      ? await sendData(client, message, name)
      : outcomeOfTrouble('protocol', '');
  } catch (error) {
    if (!(error instanceof TransferFailure)) throw error;
    rest = outcomeOfTrouble(error.trouble, `${name}: ${error.message}`, name);
  }
  // Whoever was accepted, or not answered at all, shares the verdict on the data.
  return { kind: 'outcomes', outcomes: envelope.recipients.map((_, i) => outcomes[i] ?? rest) };
}

async function sendData(
  client: SmtpClient,
  message: OutboundMessage,
  name: string,
): Promise<DeliveryOutcome> {
  const ready = await client.command('DATA');
  if (ready.code !== 354) return refused(ready, 'data', name);
  return refused(await client.message(message.open()), 'message', name);
}

/** A 2xx to DATA itself, or a 3xx to the message, is no promise: it counts as a broken protocol. */
function refused(reply: SmtpReply, phase: 'data' | 'message', name: string): DeliveryOutcome {
  if (phase === 'data' && reply.code < 400)
    return outcomeOfTrouble('protocol', `${name} answered DATA with ${reply.code}`, name);
  return outcomeOfReply(reply, phase, name);
}

function mailCommand(extensions: Extensions, envelope: Envelope, message: OutboundMessage): string {
  const words = [`MAIL FROM:<${envelope.reversePath}>`];
  if (extensions.has('SIZE')) words.push(`SIZE=${message.sizeBytes}`);
  if (message.has8bit && extensions.has('8BITMIME')) words.push('BODY=8BITMIME');
  if (needsUtf8(envelope, message)) words.push('SMTPUTF8');
  return words.join(' ');
}

/** RFC 6531 3.4: asked for only where the message cannot travel without it. */
function needsUtf8(envelope: Envelope, message: OutboundMessage): boolean {
  return hasUtf8Address(envelope) || (envelope.smtpUtf8 && message.headHas8bit);
}

function hasUtf8Address({ reversePath, recipients }: Envelope): boolean {
  return [reversePath, ...recipients].some((address) => /[^\x00-\x7f]/.test(address));
}
