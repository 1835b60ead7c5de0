/**
 * Gathers the octets of one command from the connection: lines and the literals between
 * them (RFC 3501 4.3, RFC 7888). The message of an APPEND is left on the connection: it may
 * be large and goes to the store as it comes. Knows no grammar beyond what literals need.
 */
import type { Connection } from '../../wire/connection.ts';
import type { MessageLiteral } from '../command.ts';
import { MAX_LINE_OCTETS, MAX_LITERAL_OCTETS, MAX_LITERALS } from '../limits.ts';

export type Incoming =
  /** `literal`: the message of an APPEND, which comes next and is not read yet. */
  | { readonly kind: 'command'; readonly text: string; readonly literal: MessageLiteral | undefined }
  /** Too large in some way; the reader stands before the next command. */
  | { readonly kind: 'refused'; readonly tag: string; readonly reason: string }
  /** Too large to be read away: only the end of the connection helps. */
  | { readonly kind: 'hopeless'; readonly reason: string };

export interface ReadLimits {
  /** Octets of the whole command. */
  readonly maxOctets: number;
  /** Octets of unwanted literals that are read away. */
  readonly maxSwallowed: number;
}

/**
 * The next command, one char per octet, literals in place. Throws ConnectionEnded.
 * `goAhead` sends the continuation for a synchronizing literal.
 */
export async function readCommand(
  connection: Connection,
  { maxOctets, maxSwallowed }: ReadLimits,
  goAhead: () => Promise<void>,
): Promise<Incoming> {
  let text = '';
  for (let literals = 0; ; literals++) {
    const line = await connection.readLine(Math.min(MAX_LINE_OCTETS, maxOctets));
    if (line.kind === 'too-long') return refused(text, 'Line too long');
    text += line.octets.toString('latin1');
    const literal = literalAtEnd(text);
    if (literal && isMessage(text)) return { kind: 'command', text, literal };
    if (!literal)
      return text.length > maxOctets ? refused(text, 'Command too long') : { kind: 'command', text, literal };
    const reason = objection(text.length, literals, literal, maxOctets);
    if (reason !== undefined) return refuseLiteral(connection, text, literal, reason, maxSwallowed);
    if (literal.synchronizing) await goAhead();
    text += `\r\n${await readLiteral(connection, literal.octets)}`;
  }
}

/** Reads octets away. */
async function swallow(connection: Connection, octets: number): Promise<void> {
  for await (const _ of connection.readOctets(octets)) {
    // Nothing of it is wanted.
  }
}

/** tag = 1*<any ASTRING-CHAR except "+">; '*' where there is none. */
export function tagOf(text: string): string {
  return /^[^\x00-\x20\x7f-\xff(){%*"\\+]{1,64}(?= |$)/.exec(text)?.[0] ?? '*';
}

const literalPattern = /\{([0-9]{1,10})(\+?)\}$/;

/** The literal that a line announces with its last octets. */
export function literalAtEnd(text: string): MessageLiteral | undefined {
  if (!text.endsWith('}')) return undefined;
  const matched = literalPattern.exec(text.slice(-14));
  return matched ? { octets: Number(matched[1]), synchronizing: matched[2] === '' } : undefined;
}

/** APPEND's last literal: the one before which the mailbox is complete. */
function isMessage(text: string): boolean {
  return /^[^ ]+ append /i.test(text) && !/^[^ ]+ [a-z]+ \{[0-9]+\+?\}$/i.test(text);
}

function objection(
  length: number,
  literals: number,
  literal: MessageLiteral,
  maxOctets: number,
): string | undefined {
  if (literals >= MAX_LITERALS) return 'Too many literals';
  if (literal.octets > MAX_LITERAL_OCTETS) return `Literal larger than ${MAX_LITERAL_OCTETS} octets`;
  return length + literal.octets > maxOctets ? 'Command too long' : undefined;
}

/** Without '+' the client sends nothing more of a synchronizing literal; the other kind is on its way already. */
async function refuseLiteral(
  connection: Connection,
  text: string,
  literal: MessageLiteral,
  reason: string,
  maxSwallowed: number,
): Promise<Incoming> {
  let next: MessageLiteral | undefined = literal;
  let swallowed = 0;
  while (next && !next.synchronizing) {
    swallowed += next.octets + MAX_LINE_OCTETS;
    if (swallowed > maxSwallowed) return { kind: 'hopeless', reason };
    await swallow(connection, next.octets);
    const line = await connection.readLine(MAX_LINE_OCTETS);
    next = line.kind === 'line' ? literalAtEnd(line.octets.toString('latin1')) : undefined;
  }
  return refused(text, reason);
}

async function readLiteral(connection: Connection, octets: number): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of connection.readOctets(octets)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

function refused(text: string, reason: string): Incoming {
  return { kind: 'refused', tag: tagOf(text), reason };
}
