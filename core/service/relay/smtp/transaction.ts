/**
 * MAIL, RCPT and DATA for one message over a connection that is ready for them. A refused RCPT does not hinder
 * the others; a server that takes so many recipients at once gets the rest in further transactions. RFC 5321
 * 3.3 and 4.5.3.1.10, RFC 2920, RFC 1870, RFC 6152, RFC 6531.
 */
import {
  type DeliveryOutcome,
  outcomeOfReply,
  outcomeOfTrouble,
  type SmtpReply,
} from '../../../mail/transfer/outcome.ts';
import type { OutboundMessage } from '../message.ts';
import type { SmtpClient } from './client.ts';
import { TransferFailure } from './transfer-failure.ts';

export interface Envelope {
  /** As it goes over the wire, '' for the null reverse-path. */
  readonly reversePath: string;
  readonly recipients: readonly string[];
  /** The message was declared SMTPUTF8 when it came to us. */
  readonly smtpUtf8: boolean;
}

/** Keywords of EHLO's answer, upper case, with what stands behind them. */
export type Extensions = ReadonlyMap<string, string>;

export interface Peer {
  readonly client: SmtpClient;
  readonly extensions: Extensions;
  /** Named in outcomes. */
  readonly name: string;
}

export interface Transacted {
  /** One for each recipient. */
  readonly outcomes: readonly DeliveryOutcome[];
  /** The whole message went out and no verdict came back: who offers it elsewhere now may deliver it twice. */
  readonly mayHaveArrived: boolean;
}

/** Sends the message to all. Throws TransferFailure when the connection breaks before the first RCPT. */
export async function sendToAll(
  peer: Peer,
  envelope: Envelope,
  message: OutboundMessage,
): Promise<Transacted> {
  const outcomes = new Map<string, DeliveryOutcome>();
  let left = envelope.recipients;
  for (;;) {
    const sent = await transact(peer, { ...envelope, recipients: left }, message).catch((error: unknown) => {
      if (outcomes.size === 0) throw error;
      return undefined; // what earlier transactions did stands
    });
    sent?.outcomes.forEach((outcome, i) => void outcomes.set(left[i] ?? '', outcome));
    const some = sent?.outcomes.some(({ kind }) => kind === 'delivered') ?? false;
    left = left.filter((to) => isTooMany(outcomes.get(to)));
    // Each round takes at least one recipient off the list.
    if (!some || left.length === 0)
      return {
        outcomes: envelope.recipients.map((to) => outcomes.get(to) ?? nothingSaid(peer.name)),
        mayHaveArrived: sent?.mayHaveArrived ?? false,
      };
  }
}

/** 4.5.3: the server takes no more recipients in this transaction (RFC 5321 4.5.3.1.10). */
function isTooMany(outcome: DeliveryOutcome | undefined): boolean {
  return outcome?.kind === 'deferred' && outcome.status === '4.5.3';
}

async function transact(
  { client, extensions, name }: Peer,
  envelope: Envelope,
  message: OutboundMessage,
): Promise<Transacted> {
  const commands = envelope.recipients.map((to) => `RCPT TO:<${to}>`);
  const pipelining = extensions.has('PIPELINING');
  const mail = mailCommand(extensions, envelope, message);
  client.send(pipelining ? [mail, ...commands] : [mail]);
  const taken = await client.reply();
  if (!isYes(taken)) {
    const outcome = outcomeOfReply(taken, 'mail', name);
    return { outcomes: commands.map(() => outcome), mayHaveArrived: false };
  }
  const refused: (DeliveryOutcome | undefined)[] = [];
  let verdict: DeliveryOutcome = nothingSaid(name);
  let mayHaveArrived = false;
  try {
    for (const command of commands) {
      const answer = pipelining ? await client.reply() : await client.command(command);
      refused.push(isYes(answer) ? undefined : outcomeOfReply(answer, 'rcpt', name));
    }
    if (refused.includes(undefined)) verdict = await sendData(client, message, name);
  } catch (error) {
    if (!(error instanceof TransferFailure)) throw error;
    verdict = outcomeOfTrouble(error.trouble, `${name}: ${error.message}`, name);
    mayHaveArrived = error.afterDot;
  }
  // Whoever was accepted, or not answered at all, shares the verdict on the data.
  return { outcomes: commands.map((_, i) => refused[i] ?? verdict), mayHaveArrived };
}

/** RFC 5321 4.2.1: the first digit decides; some servers accept with 252. */
function isYes({ code }: SmtpReply): boolean {
  return code < 300;
}

async function sendData(
  client: SmtpClient,
  message: OutboundMessage,
  name: string,
): Promise<DeliveryOutcome> {
  const ready = await client.dataCommand();
  // A 2xx to DATA itself is no promise: it counts as a broken protocol.
  if (ready.code !== 354) return outcomeOfReply(ready, 'data', name);
  return outcomeOfReply(await client.message(message.open()), 'message', name);
}

function nothingSaid(name: string): DeliveryOutcome {
  return outcomeOfTrouble('dropped', `${name}: the connection was closed`, name);
}

function mailCommand(extensions: Extensions, envelope: Envelope, message: OutboundMessage): string {
  const words = [`MAIL FROM:<${envelope.reversePath}>`];
  if (extensions.has('SIZE')) words.push(`SIZE=${message.sizeBytes}`);
  if (message.has8bit && extensions.has('8BITMIME')) words.push('BODY=8BITMIME');
  if (needsUtf8(envelope, message)) words.push('SMTPUTF8');
  return words.join(' ');
}

/** RFC 6531 3.4: asked for only where the message cannot travel without it. */
export function needsUtf8(envelope: Envelope, message: OutboundMessage): boolean {
  return hasUtf8Address(envelope) || (envelope.smtpUtf8 && message.headHas8bit);
}

export function hasUtf8Address({ reversePath, recipients }: Envelope): boolean {
  return [reversePath, ...recipients].some((address) => /[^\x00-\x7f]/.test(address));
}
