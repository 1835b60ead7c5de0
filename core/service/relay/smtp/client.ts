/**
 * The client's side of one SMTP connection: commands out, replies in, TLS, the message with
 * dots stuffed. It knows no recipients and no policy. RFC 5321, RFC 3207.
 *
 * Why not nodemailer's client: it sends SMTPUTF8 only for addresses, hides what EHLO offered
 * until after MAIL, and has one timeout for every phase.
 */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { SmtpReply } from '../../../mail/transfer/outcome.ts';
import { dotStuffed } from './dot-stuffing.ts';
import type { Timeouts } from './limits.ts';
import { ReplyReader } from './reply-reader.ts';
import { TransferFailure } from './transfer-failure.ts';

export class SmtpClient {
  #stream: Duplex;
  #replies: ReplyReader;
  readonly #timeouts: Timeouts;

  private constructor(stream: Duplex, timeouts: Timeouts) {
    this.#stream = stream;
    this.#timeouts = timeouts;
    this.#replies = new ReplyReader(stream);
  }

  /** Connects to an IP address; aborting the signal ends the connection at any later time. Throws TransferFailure. */
  static async connect(
    address: string,
    port: number,
    timeouts: Timeouts,
    signal: AbortSignal,
  ): Promise<SmtpClient> {
    const socket = net.connect({ host: address, port, noDelay: true, signal });
    socket.on('error', () => undefined); // whoever waits hears of it; nobody may be waiting
    await settled(socket, 'connect', timeouts.connectMs, 'unreachable');
    return new SmtpClient(socket, timeouts);
  }

  get encrypted(): boolean {
    return this.#stream instanceof tls.TLSSocket;
  }

  greeting(): Promise<SmtpReply> {
    return this.#replies.reply(this.#timeouts.greetingMs);
  }

  command(line: string): Promise<SmtpReply> {
    this.send([line]);
    return this.reply();
  }

  /** Several commands in one write (RFC 2920); read their replies in order with `reply`. */
  send(lines: readonly string[]): void {
    this.#stream.write(`${lines.join('\r\n')}\r\n`, 'utf8');
  }

  reply(): Promise<SmtpReply> {
    return this.#replies.reply(this.#timeouts.commandMs);
  }

  /** DATA; the server may take its time with the 354. */
  dataCommand(): Promise<SmtpReply> {
    this.send(['DATA']);
    return this.#replies.reply(this.#timeouts.dataMs);
  }

  /** The handshake after STARTTLS was answered with 220, or at once for implicit TLS. Throws TransferFailure('tls'). */
  async startTls(options: tls.ConnectionOptions): Promise<void> {
    if (this.#replies.hasInput) throw new TransferFailure('tls', 'clear text stood before the TLS handshake');
    const plain = this.#stream;
    this.#replies.detach();
    const secure = tls.connect({ ...options, socket: plain });
    secure.on('error', () => undefined);
    await settled(secure, 'secureConnect', this.#timeouts.commandMs, 'tls');
    this.#stream = secure;
    this.#replies = new ReplyReader(secure);
  }

  /**
   * Sends the message after DATA was answered with 354 and waits for the verdict. When `octets`
   * throws, the connection is torn down without the final dot and the error comes out here. A
   * TransferFailure with `afterDot` leaves open whether the message arrived.
   */
  async message(octets: AsyncIterable<Uint8Array>): Promise<SmtpReply> {
    try {
      let full = false;
      for await (const chunk of dotStuffed(octets)) {
        // Waits before the next chunk, never after the last one: whatever fails here, the dot was not sent.
        if (full) await this.#drained();
        full = !this.#stream.write(chunk);
      }
    } catch (error) {
      // A server may answer (552 for instance) and hang up while we still write.
      const early = this.#replies.hasInput ? await this.#replies.reply(1).catch(() => undefined) : undefined;
      this.destroy();
      if (early && error instanceof TransferFailure) return early;
      throw error;
    }
    return await this.#verdict();
  }

  async #verdict(): Promise<SmtpReply> {
    try {
      return await this.#replies.reply(this.#timeouts.finalMs);
    } catch (cause) {
      if (!(cause instanceof TransferFailure)) throw cause;
      throw new TransferFailure(cause.trouble, cause.message, { cause, afterDot: true });
    }
  }

  /** Says goodbye without waiting for the answer. */
  quit(): void {
    if (!this.#stream.destroyed) this.#stream.end('QUIT\r\n');
    const stream = this.#stream;
    setTimeout(() => stream.destroy(), 1000).unref();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  async #drained(): Promise<void> {
    await settled(this.#stream, 'drain', this.#timeouts.blockMs, 'dropped', false);
  }
}

/** Waits for the event; an error, the close or the time ends the stream and is thrown as the given trouble. */
function settled(
  stream: Duplex,
  event: string,
  timeoutMs: number,
  trouble: 'unreachable' | 'tls' | 'dropped',
  destroy = true,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (failure?: TransferFailure) => {
      clearTimeout(timer);
      stream.off(event, good);
      stream.off('error', bad);
      stream.off('close', gone);
      if (!failure) return resolve();
      if (destroy) stream.on('error', () => undefined).destroy();
      reject(failure);
    };
    const good = () => finish();
    const bad = (cause: Error) => finish(new TransferFailure(trouble, wordsOf(cause), { cause }));
    const gone = () => finish(new TransferFailure(trouble, 'the connection was closed'));
    // A handshake that never ends is a failed one: in clear it may go through.
    const late = trouble === 'tls' ? 'tls' : 'timeout';
    const timer = setTimeout(() => finish(new TransferFailure(late, 'no answer in time')), timeoutMs);
    stream.once(event, good);
    stream.once('error', bad);
    stream.once('close', gone);
    if (stream.destroyed) gone();
  });
}

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host did not answer',
  ABORT_ERR: 'there was not enough time for this attempt',
};

function wordsOf(error: Error & { code?: string }): string {
  return plainWords[error.code ?? ''] ?? error.message;
}
