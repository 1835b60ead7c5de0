/**
 * One client connection as bytes in and bytes out: lines and counted octets are pulled,
 * replies are written, TLS can be started under it. Bounded: it reads no further ahead than
 * one chunk, and a peer that does not read stops us at the write. Knows no protocol.
 */
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';

/** The peer went away, or was silent longer than it may. */
export class ConnectionEnded extends Error {
  override readonly name = 'ConnectionEnded';
  readonly reason: 'closed' | 'idle';
  constructor(reason: 'closed' | 'idle', options?: ErrorOptions) {
    super(`connection ended: ${reason}`, options);
    this.reason = reason;
  }
}

export type Line =
  /** Without its CRLF. `bare` tells that a CR or LF stood in it, or that it ended with LF alone. */
  | { readonly kind: 'line'; readonly octets: Buffer; readonly bare: boolean }
  /** Longer than the limit; it was read and thrown away up to its end. `bare`: it ended with LF alone. */
  | { readonly kind: 'too-long'; readonly bare: boolean };

export interface TlsSettings {
  readonly secureContext: SecureContext;
  readonly SNICallback?: (name: string, done: (error: Error | null, context?: SecureContext) => void) => void;
}

const empty = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;

export class Connection {
  #stream: Duplex;
  #buffer: Buffer = empty;
  /** Nothing can be read or written any more. */
  #ended: Error | undefined;
  /** The peer has said all it will say, and may still be listening. */
  #halfClosed = false;
  #detach: () => void = () => {};
  #wake: (() => void) | undefined;
  #idleTimeoutMs: number;

  /** `stream` is a socket or any duplex stream (tests use a pair in memory). */
  constructor(stream: Duplex, idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#stream = stream;
    this.#attach(stream);
  }

  get encrypted(): boolean {
    return this.#stream instanceof TLSSocket;
  }

  /** For example 'TLSv1.3 TLS_AES_256_GCM_SHA384'; undefined in clear. */
  get cipher(): string | undefined {
    if (!(this.#stream instanceof TLSSocket)) return undefined;
    return `${this.#stream.getProtocol()} ${this.#stream.getCipher().name}`;
  }

  /** How long a read or a stuck write may take before ConnectionEnded('idle'). */
  set idleTimeoutMs(value: number) {
    this.#idleTimeoutMs = value;
  }

  /** Whether octets are waiting: a pipelining client sent more already. */
  get hasInput(): boolean {
    return this.#buffer.length > 0;
  }

  /** Whether a whole line is waiting: `readLine` will not have to wait for the peer. */
  get hasLine(): boolean {
    return this.#buffer.indexOf(LF) >= 0;
  }

  /**
   * The next line. Throws ConnectionEnded. `maxOctets` counts without the CRLF. The whole line has the
   * idle time: one who sends an octet now and then is as idle as one who sends none.
   */
  async readLine(maxOctets: number): Promise<Line> {
    const deadlineMs = performance.now() + this.#idleTimeoutMs;
    let from = 0;
    let tooLong = false;
    for (;;) {
      const at = this.#buffer.indexOf(LF, from);
      if (at >= 0) {
        const line = this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + 1);
        return finishLine(line, maxOctets, tooLong);
      }
      if (this.#buffer.length > maxOctets + 1) {
        tooLong = true;
        this.#buffer = this.#buffer.subarray(-1); // it may be the CR before the LF
      }
      from = this.#buffer.length;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new ConnectionEnded('idle');
      await this.#fill(undefined, leftMs);
    }
  }

  /** Some octets, at least one and at most `max`: what is there, or the next chunk. Throws ConnectionEnded. */
  async readSome(max: number): Promise<Buffer> {
    while (this.#buffer.length === 0) await this.#fill();
    const some = this.#buffer.subarray(0, max);
    this.#buffer = this.#buffer.subarray(some.length);
    return some;
  }

  /** Puts octets back in front of what is read next. */
  unread(octets: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? octets : Buffer.concat([octets, this.#buffer]);
  }

  /** Exactly `count` octets in chunks, as they come. */
  async *readOctets(count: number): AsyncGenerator<Buffer, void, undefined> {
    let left = count;
    while (left > 0) {
      const some = await this.readSome(left);
      left -= some.length;
      yield some;
    }
  }

  /**
   * Writes; resolves when the stream takes more (at once unless the peer is slow). Throws
   * ConnectionEnded('idle') when the peer does not read for the idle time.
   */
  write(octets: Uint8Array | string): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended);
    const chunk = typeof octets === 'string' ? Buffer.from(octets, 'utf8') : octets;
    if (this.#stream.write(chunk)) return resolved;
    return this.#drained();
  }

  /** Several writes until `uncork` leave as one. */
  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  /** Waits until there is input without consuming it; false when `signal` aborts first. */
  async waitForInput(signal: AbortSignal): Promise<boolean> {
    const abort = () => this.#wake?.();
    signal.addEventListener('abort', abort);
    try {
      while (this.#buffer.length === 0) {
        if (signal.aborted) return false;
        await this.#fill(signal);
      }
      return true;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * The server's side of a TLS handshake over this stream. Clear text that came behind the
   * command is dropped (RFC 3207 6, RFC 9051 11.1). Throws ConnectionEnded when the handshake fails.
   */
  async startTls(tls: TlsSettings): Promise<void> {
    this.#buffer = empty;
    const plain = this.#stream;
    this.#detach();
    const secure = new TLSSocket(plain, { isServer: true, ...tls });
    this.#stream = secure;
    this.#attach(secure);
    await this.#handshaken(secure);
  }

  /** Ends our side; what was written still leaves. Resolves when the peer has closed too, or after 2 s. */
  end(): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed) return resolved;
    return new Promise((resolve) => {
      const timer = setTimeout(() => stream.destroy(), 2000);
      stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      stream.removeAllListeners('data');
      stream.end();
      stream.resume(); // unread input at close would become a reset and could eat our last reply
    });
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #attach(stream: Duplex): void {
    stream.pause();
    const data = (chunk: Buffer) => {
      stream.pause();
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
    };
    const halfClosed = () => {
      this.#halfClosed = true;
      this.#wake?.();
    };
    const ended = (cause?: Error) => {
      this.#ended ??= new ConnectionEnded('closed', cause ? { cause } : {});
      this.#wake?.();
    };
    const closed = () => ended();
    stream.on('data', data);
    stream.on('end', halfClosed);
    stream.on('close', closed);
    stream.on('error', ended);
    this.#detach = () => {
      stream.off('data', data); // others may listen too: whoever counts open sockets, for one
      stream.off('end', halfClosed);
      stream.off('close', closed);
    };
  }

  /** Waits for the next chunk (or the end, or the time). */
  async #fill(signal?: AbortSignal, timeoutMs = this.#idleTimeoutMs): Promise<void> {
    if (this.#ended) throw this.#ended;
    if (this.#halfClosed) throw new ConnectionEnded('closed');
    let idle = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        idle = true;
        resolve();
      }, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (signal?.aborted) this.#wake();
      else this.#stream.resume();
    });
    this.#wake = undefined;
    if (signal?.aborted) return;
    if (idle) throw new ConnectionEnded('idle');
    if (this.#buffer.length > 0) return;
    if (this.#ended) throw this.#ended;
    if (this.#halfClosed) throw new ConnectionEnded('closed');
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => () => {
        clearTimeout(timer);
        stream.off('drain', drained);
        stream.off('close', closed);
        done();
      };
      const drained = settle(resolve);
      const closed = settle(() => reject(new ConnectionEnded('closed')));
      const timer = setTimeout(
        settle(() => reject(new ConnectionEnded('idle'))),
        this.#idleTimeoutMs,
      );
      stream.on('drain', drained);
      stream.on('close', closed);
    });
  }

  #handshaken(secure: TLSSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (cause?: Error) => {
        clearTimeout(timer);
        secure.destroy();
        reject(new ConnectionEnded('closed', cause ? { cause } : {}));
      };
      const timer = setTimeout(failed, this.#idleTimeoutMs);
      secure.once('error', failed);
      secure.once('close', () => failed());
      secure.once('secure', () => {
        clearTimeout(timer);
        secure.off('error', failed);
        resolve();
      });
    });
  }
}

const resolved = Promise.resolve();

function finishLine(line: Buffer, maxOctets: number, tooLong: boolean): Line {
  const crlf = line.length > 0 && line[line.length - 1] === CR;
  const octets = crlf ? line.subarray(0, -1) : line;
  if (tooLong || octets.length > maxOctets) return { kind: 'too-long', bare: !crlf };
  return { kind: 'line', octets, bare: !crlf || octets.includes(CR) };
}
