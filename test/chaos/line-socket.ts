/**
 * A socket that is read by lines and by octets: the ground of the raw clients of the chaos runs. A server that
 * dies, or is silent for too long, is an error; what it had not answered was not promised.
 */
import { connect, type Socket } from 'node:net';

const silenceMs = 60_000;
const farewellMs = 3_000;
/** How often a server was connected and said nothing for so long. */
export const silences = { count: 0 };

export class LineSocket {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #ended: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    const end = (error?: Error) => {
      this.#ended ??= error ?? new Error('the connection has ended');
      this.#wake();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      this.#wake();
    });
    socket.on('error', end).on('close', () => end());
  }

  static connect(port: number): Promise<LineSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new LineSocket(socket));
      });
    });
  }

  write(octets: string | Uint8Array): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
  }

  /** The next line without its CRLF; chars are octets. */
  async line(): Promise<string> {
    for (;;) {
      const found = this.#chunks.findIndex((chunk) => chunk.includes(0x0a));
      if (found >= 0) {
        const whole = Buffer.concat(this.#chunks.slice(0, found + 1));
        return this.#take(whole.indexOf(0x0a) + 1)
          .toString('latin1')
          .replace(/\r?\n$/, '');
      }
      await this.#more();
    }
  }

  async octets(count: number): Promise<Buffer> {
    while (this.#buffered < count) await this.#more();
    return this.#take(count);
  }

  /** Sends what is left, then ends. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended) return resolve();
      const timer = setTimeout(() => this.destroy(), farewellMs);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.end();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(count: number): Buffer {
    const taken: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) throw new Error('nothing is buffered');
      if (chunk.length > missing) this.#chunks.unshift(chunk.subarray(missing));
      taken.push(chunk.subarray(0, missing));
      missing -= Math.min(chunk.length, missing);
    }
    this.#buffered -= count;
    return Buffer.concat(taken);
  }

  async #more(): Promise<void> {
    if (this.#ended) throw this.#ended;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        silences.count++;
        this.destroy();
        reject(new Error(`silent for ${silenceMs} ms`));
      }, silenceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }
}
