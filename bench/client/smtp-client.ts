/** An SMTP client that delivers as fast as the server lets it: one round trip for the envelope, one for the message. */
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { openWire, type Place } from './wire.ts';

type Waiter = { readonly resolve: (reply: string) => void; readonly reject: (error: Error) => void };

export class SmtpClient {
  #socket: Socket | undefined;
  #text = '';
  readonly #replies: string[] = [];
  readonly #waiters: Waiter[] = [];
  #gone: Error | undefined;
  #pipelining = false;

  /** Connected, greeted and EHLO answered. */
  static async open(place: Place): Promise<SmtpClient> {
    const client = new SmtpClient();
    client.#socket = await openWire(
      place,
      (chunk) => client.#take(chunk.toString('latin1')),
      (error) => client.#fail(error),
    );
    await client.#expect('220');
    client.#pipelining = (await client.#ask('EHLO bench.test', '250')).includes('PIPELINING');
    return client;
  }

  /** Resolves when the server has taken the message over. The message ends in CRLF and needs no dot-stuffing. */
  async deliver(to: string, message: Buffer): Promise<void> {
    const commands = ['MAIL FROM:<sender@acme.example>', `RCPT TO:<${to}>`, 'DATA'];
    if (this.#pipelining) {
      this.#socket?.write(`${commands.join('\r\n')}\r\n`);
      for (const code of ['250', '250', '354']) await this.#expect(code);
    } else {
      for (const command of commands) await this.#ask(command, command === 'DATA' ? '354' : '250');
    }
    this.#socket?.cork();
    this.#socket?.write(message);
    this.#socket?.write('.\r\n');
    this.#socket?.uncork();
    await this.#expect('250');
  }

  async close(): Promise<void> {
    await this.#ask('QUIT', '221').catch(() => '');
    this.#socket?.destroy();
  }

  #ask(command: string, code: string): Promise<string> {
    this.#socket?.write(`${command}\r\n`);
    return this.#expect(code);
  }

  async #expect(code: string): Promise<string> {
    const reply = this.#replies.shift() ?? (await this.#nextReply());
    if (!reply.startsWith(code)) throw new Error(`expected ${code}, got ${reply}`);
    return reply;
  }

  #nextReply(): Promise<string> {
    if (this.#gone) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** A reply is complete with the line whose code is followed by no hyphen (RFC 5321 4.2.1). */
  #take(text: string): void {
    this.#text += text;
    for (let last = lastLineOf(this.#text); last > 0; last = lastLineOf(this.#text)) {
      const reply = this.#text.slice(0, last).trimEnd();
      this.#text = this.#text.slice(last);
      const waiter = this.#waiters.shift();
      if (waiter) waiter.resolve(reply);
      else this.#replies.push(reply);
    }
  }

  #fail(error: Error): void {
    this.#gone = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}

/** Where the first complete reply ends; 0 when there is none yet. */
function lastLineOf(text: string): number {
  for (let at = 0; ; ) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return 0;
    if (text[at + 3] !== '-') return end + 2;
    at = end + 2;
  }
}
