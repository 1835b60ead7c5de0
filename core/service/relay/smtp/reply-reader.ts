/**
 * Reads SMTP replies off a socket: whole replies, bounded, each within a time. What a hostile
 * server may send is limited here. RFC 5321 4.2 and 4.5.3.1.5.
 */
import type { Duplex } from 'node:stream';
import type { SmtpReply } from '../../../mail/transfer/outcome.ts';
import { limits } from './limits.ts';
import { TransferFailure } from './transfer-failure.ts';

export class ReplyReader {
  #buffer = '';
  #ended: TransferFailure | undefined;
  #wake: (() => void) | undefined;
  readonly #stream: Duplex;
  readonly #onData = (chunk: Buffer) => {
    this.#buffer += chunk.toString('latin1');
    if (this.#buffer.length > limits.replyOctets) this.#stream.pause();
    this.#wake?.();
  };
  readonly #onEnd = (cause?: unknown) => {
    this.#ended ??= new TransferFailure('dropped', 'the connection was closed', { cause });
    this.#wake?.();
  };

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('error', this.#onEnd);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
  }

  /** Lets go of the stream (TLS takes it over); what was read ahead is dropped (RFC 3207 6). */
  detach(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onEnd);
    this.#buffer = '';
  }

  /** Whether octets are waiting that nobody asked for. */
  get hasInput(): boolean {
    return this.#buffer.length > 0;
  }

  /** The next reply; throws TransferFailure 'timeout', 'dropped' or 'protocol'. */
  async reply(timeoutMs: number): Promise<SmtpReply> {
    const until = performance.now() + timeoutMs;
    const lines: string[] = [];
    let code: string | undefined;
    for (;;) {
      const line = await this.#line(until);
      const match = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
      if (!match || (code !== undefined && match[1] !== code) || lines.length >= limits.replyLines)
        throw new TransferFailure('protocol', 'the other side does not speak SMTP');
      code = match[1];
      lines.push(Buffer.from(match[3] ?? '', 'latin1').toString('utf8'));
      if (match[2] !== '-') return { code: Number(code), text: joined(lines) };
    }
  }

  async #line(until: number): Promise<string> {
    for (;;) {
      const at = this.#buffer.indexOf('\n');
      if (at >= 0) {
        const line = this.#buffer.slice(0, at).replace(/\r$/, '');
        this.#buffer = this.#buffer.slice(at + 1);
        return line;
      }
      if (this.#buffer.length > limits.replyOctets)
        throw new TransferFailure('protocol', 'the other side sends an endless reply');
      if (this.#ended) throw this.#ended;
      const left = until - performance.now();
      if (left <= 0) throw new TransferFailure('timeout', 'the other side did not answer in time');
      await this.#more(left);
    }
  }

  #more(timeoutMs: number): Promise<void> {
    this.#stream.resume();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** One text: a status that every line repeats stays only in front (RFC 2034 4). EHLO keywords stay apart by '\n'. */
function joined(lines: readonly string[]): string {
  const status = /^[245]\.\d{1,3}\.\d{1,3} /.exec(lines[0] ?? '')?.[0];
  const plain = lines.map((line, i) =>
    i > 0 && status && line.startsWith(status) ? line.slice(status.length) : line,
  );
  return plain.join('\n').trim();
}
