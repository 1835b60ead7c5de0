/**
 * The literal of an APPEND on its way in: it is asked for when somebody wants it, streamed as
 * it comes, and read away when nobody does, so that the next command starts where it should
 * (RFC 3501 4.3, RFC 7888 4).
 */
import type { Connection } from '../wire/connection.ts';
import type { MessageLiteral } from './command.ts';
import { MAX_LINE_OCTETS } from './limits.ts';
import { literalAtEnd } from './parse/read-command.ts';

export class IncomingMessage {
  readonly size: number;
  readonly #connection: Connection;
  readonly #goAhead: () => Promise<void>;
  readonly #synchronizing: boolean;
  /** Octets that the client sends or has sent, and we have not read. */
  #left: number;
  #state: 'untouched' | 'open' | 'ended' = 'untouched';

  constructor(connection: Connection, literal: MessageLiteral, goAhead: () => Promise<void>) {
    this.#connection = connection;
    this.#goAhead = goAhead;
    this.#synchronizing = literal.synchronizing;
    this.size = literal.octets;
    this.#left = literal.octets;
  }

  /** The octets, once. Sends '+' first where the client waits for it. */
  async *octets(): AsyncGenerator<Buffer, void, undefined> {
    this.#state = 'open';
    if (this.#synchronizing) await this.#goAhead();
    while (this.#left > 0) {
      const some = await this.#connection.readSome(Math.min(this.#left, 64 * 1024));
      this.#left -= some.length;
      yield some;
    }
  }

  /** Reads the end of the command's line; false when more than that stood there. */
  async end(): Promise<boolean> {
    this.#state = 'ended';
    const line = await this.#connection.readLine(MAX_LINE_OCTETS);
    if (line.kind === 'line' && line.octets.length === 0) return true;
    // More messages than one (RFC 3502) are not offered; what is on its way must not be taken for commands.
    const literal = line.kind === 'line' ? literalAtEnd(line.octets.toString('latin1')) : undefined;
    if (literal && !literal.synchronizing) {
      this.#left = literal.octets;
      this.#state = 'open';
    }
    return false;
  }

  /** Reads away what nobody took. False when that is too much and only the end of the connection helps. */
  async discard(maxOctets: number): Promise<boolean> {
    if (this.#state === 'untouched' && this.#synchronizing) return true;
    for (let swallowed = 0; !this.#hasEnded(); await this.end()) {
      swallowed += this.#left;
      if (swallowed > maxOctets) return false;
      while (this.#left > 0) this.#left -= (await this.#connection.readSome(this.#left)).length;
    }
    return true;
  }

  #hasEnded(): boolean {
    return this.#state === 'ended';
  }
}
