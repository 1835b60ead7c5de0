/** A raw SMTP client that knows the one thing nodemailer does not tell: whether a message may have been taken. */
import { LineSocket } from './line-socket.ts';

/** `unknown`: the last dot was sent, and no 250 came. `refused`: it was never sent, or answered 5xx. */
export type Sent = 'accepted' | 'unknown' | 'refused';

export class SmtpClient {
  readonly #socket: LineSocket;

  private constructor(socket: LineSocket) {
    this.#socket = socket;
  }

  static async connect(port: number, login?: { user: string; password: string }): Promise<SmtpClient> {
    const client = new SmtpClient(await LineSocket.connect(port));
    await client.#reply();
    await client.#ask('EHLO chaos.example.org');
    if (login) {
      const secret = Buffer.from(`\0${login.user}\0${login.password}`).toString('base64');
      const answer = await client.#ask(`AUTH PLAIN ${secret}`);
      if (!answer.startsWith('235')) throw new Error(`AUTH was answered ${answer}`);
    }
    return client;
  }

  /** Throws only before the last dot was sent: then nothing can have been taken. */
  async send(from: string, to: readonly string[], octets: Buffer): Promise<Sent> {
    for (const command of [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
      const answer = await this.#ask(command);
      if (/^[45]/.test(answer)) {
        await this.#ask('RSET');
        return 'refused';
      }
    }
    this.#socket.write(octets.toString('latin1').replace(/^\./gm, '..'));
    try {
      const answer = await this.#ask('.');
      if (answer.startsWith('250')) return 'accepted';
      return answer.startsWith('5') ? 'refused' : 'unknown';
    } catch {
      this.destroy();
      return 'unknown';
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #ask(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.#reply();
  }

  async #reply(): Promise<string> {
    for (;;) {
      const line = await this.#socket.line();
      if (line[3] !== '-') return line;
    }
  }
}
