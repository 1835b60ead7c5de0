/** A blunt SMTP client for tests: says lines, gives back replies as text. */
import type { Duplex } from 'node:stream';
import { Connection } from '../../../core/protocol/wire/connection.ts';
import { password } from './world.ts';

export class SmtpClient {
  readonly #connection: Connection;

  constructor(stream: Duplex) {
    this.#connection = new Connection(stream, 5000);
  }

  /** The next reply, its lines joined by LF. */
  async reply(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#connection.readLine(2000);
      const text = line.kind === 'line' ? line.octets.toString() : line.kind;
      lines.push(text);
      if (text[3] !== '-') return lines.join('\n');
    }
  }

  async say(line: string): Promise<string> {
    await this.#connection.write(`${line}\r\n`);
    return this.reply();
  }

  async login(address: string): Promise<string> {
    return this.say(`AUTH PLAIN ${Buffer.from(`\0${address}\0${password}`).toString('base64')}`);
  }

  /** One message, dots stuffed by the caller; the reply to its end, or to what was refused before. */
  async send(from: string, to: readonly string[], message: string | Buffer): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>`, ...to.map((address) => `RCPT TO:<${address}>`), 'DATA']) {
      const said = await this.say(line);
      if (said.startsWith('4') || said.startsWith('5')) return said;
    }
    await this.#connection.write(message);
    await this.#connection.write('.\r\n');
    return this.reply();
  }

  close(): Promise<void> {
    return this.#connection.end();
  }

  quit(): Promise<string> {
    return this.say('QUIT');
  }
}
