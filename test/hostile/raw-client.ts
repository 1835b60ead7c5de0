/**
 * A client that says whatever it is told, octet for octet, and reads lines. No mail protocol,
 * no manners: it is there to break servers.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface DialSettings {
  readonly tls?: boolean;
  /** A loopback address to come from: 127.0.0.2 is another client than 127.0.0.1. */
  readonly from?: string;
}

const patienceMs = 15_000;

export class RawClient {
  #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};
  #paused = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects; does not wait for a greeting. */
  static async dial(port: number, { tls = false, from }: DialSettings = {}): Promise<RawClient> {
    const local = from === undefined ? {} : { localAddress: from };
    const socket = connect({ host: '127.0.0.1', port, ...local });
    await once(socket, 'connect');
    const client = new RawClient(socket);
    return tls ? client.secured() : client;
  }

  /** The same connection under TLS from here on. */
  async secured(): Promise<RawClient> {
    this.#socket.removeAllListeners('data');
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    this.#socket = secure;
    this.#listen();
    return this;
  }

  /** Resolves when the kernel has taken it, so that a large amount is never held here. */
  write(octets: string | Uint8Array): Promise<void> {
    const chunk = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets;
    return new Promise((resolve) => {
      if (this.#ended) return resolve();
      const taken = () => {
        this.#socket.off('close', taken);
        resolve();
      };
      this.#socket.once('close', taken);
      this.#socket.write(chunk, taken);
    });
  }

  /** The next line without its CRLF; undefined when the server has closed. Throws after 15 s of silence. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const at = this.#buffer.indexOf('\n');
      if (at >= 0) {
        const line = this.#buffer.toString('latin1', 0, at).replace(/\r$/, '');
        this.#buffer = this.#buffer.subarray(at + 1);
        return line;
      }
      if (this.#ended) return undefined;
      await this.#more();
    }
  }

  /** Lines up to and with the first that matches, joined by LF; all there was when the server closes before. */
  async until(pattern: RegExp): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return [...lines, '(closed)'].join('\n');
      lines.push(line);
      if (pattern.test(line)) return lines.join('\n');
    }
  }

  /** The next `count` octets, or fewer when the server closes. */
  async octets(count: number): Promise<Buffer> {
    const taken: Buffer[] = [];
    for (let left = count; left > 0; ) {
      if (this.#buffer.length === 0 && this.#ended) break;
      if (this.#buffer.length === 0) await this.#more();
      const some = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(some.length);
      taken.push(some);
      left -= some.length;
    }
    return Buffer.concat(taken);
  }

  /** Everything until the server closes. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    return this.#buffer.toString('latin1');
  }

  /** Reads nothing from now on: the server's window fills up. */
  stopReading(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  /** FIN: nothing more will be said. */
  halfClose(): void {
    this.#socket.end();
  }

  /** RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const ended = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket.on('error', ended).on('close', ended).on('end', ended);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
    if (this.#paused) this.#socket.pause();
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the server was silent for ${patienceMs} ms`)),
        patienceMs,
      );
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
