/**
 * The octets of one DATA as an async iteration over the connection, with the limits that the
 * protocol sets: size, strict line ends, a floor under the speed. What is refused half-way is
 * read to its end and thrown away, so that the session lives on.
 */
import type { Clock } from '../../mail/ports/clock.ts';
import { type Connection, ConnectionEnded } from '../wire/connection.ts';
import { DotScanner } from './dot-scanner.ts';
import * as limits from './limits.ts';
import { farewell, type Reply, reply } from './reply.ts';

/** Ends the iteration over a message that is refused; the reply is `MessageReader.refusal`. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
}

export class MessageReader implements AsyncIterable<Buffer> {
  /** Why the message is refused; undefined while it is not. */
  refusal: Reply | undefined;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #maxOctets: number;
  readonly #beganMs: number;
  readonly #scanner = new DotScanner();
  #octets = 0;
  #received = 0;

  constructor(connection: Connection, clock: Clock, maxOctets: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.#maxOctets = maxOctets;
    this.#beganMs = clock.now();
  }

  /** How large the message is, as far as it has come; dots unstuffed. */
  get octets(): number {
    return this.#octets;
  }

  /** May be iterated once. Throws MessageRefused, or ConnectionEnded when the peer is gone or too slow. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    while (!this.#scanner.ended) {
      const pieces = await this.#next();
      if (this.refusal) throw new MessageRefused(this.refusal.lines.join(' '));
      yield* pieces;
    }
  }

  /** Reads what is left up to the final dot; of one who goes on and on, only so much, and then it is goodbye. */
  async discard(): Promise<void> {
    const most = this.#maxOctets * limits.maxDiscardedMessages + limits.dataChunkOctets;
    while (!this.#scanner.ended && this.#received <= most) await this.#next();
    if (!this.#scanner.ended)
      this.refusal = farewell(552, '5.3.4', `Message far larger than ${this.#maxOctets} octets`);
  }

  async #next(): Promise<readonly Buffer[]> {
    const chunk = await this.#connection.readSome(limits.dataChunkOctets);
    this.#received += chunk.length;
    this.#checkPace();
    const pieces = this.#scanner.scan(chunk);
    for (const piece of pieces) this.#octets += piece.length;
    if (this.#scanner.ended && this.#scanner.rest.length > 0) this.#connection.unread(this.#scanner.rest);
    this.refusal ??= this.#judge();
    // a stuffed dot on every line must not be a chunk of every line
    return pieces.length > 1 ? [Buffer.concat(pieces)] : pieces;
  }

  #judge(): Reply | undefined {
    if (this.#octets > this.#maxOctets) {
      return reply(552, '5.3.4', `Message larger than ${this.#maxOctets} octets`);
    }
    // A next hop that takes a bare LF for a line end would see other commands than we do
    if (this.#scanner.bareLineEnd)
      return reply(550, '5.6.0', 'Message has a bare LF or bare CR; lines end with CRLF');
    return undefined;
  }

  #checkPace(): void {
    const elapsedMs = this.#clock.now() - this.#beganMs;
    const floor = (elapsedMs / 1000) * limits.minDataOctetsPerSecond;
    if (elapsedMs > limits.dataGraceMs && this.#received < floor) throw new ConnectionEnded('idle');
  }
}
