/** A raw SMTP client that knows the one thing nodemailer does not tell: whether a message may have been taken. */
import { LineSocket } from './line-socket.ts';

/** `unknown`: the last dot was sent, and neither 250 nor 5xx came. `refused`: it was never sent, or answered 5xx. */
export interface Sent {
  readonly outcome: 'accepted' | 'unknown' | 'refused';
  /** Recipients that RCPT took. */
  readonly taken: readonly string[];
  /** The replies that said no, first of all. */
  readonly refusals: readonly string[];
}

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

  /** To those of the recipients that are taken, if any is. Throws only before the last dot: then nothing was taken. */
  async send(from: string, to: readonly string[], octets: Buffer, declared = ''): Promise<Sent> {
    const refusals: string[] = [];
    const taken: string[] = [];
    const asks = async (command: string): Promise<boolean> => {
      const answer = await this.#ask(command);
      if (/^[45]/.test(answer)) refusals.push(answer);
      return !/^[45]/.test(answer);
    };
    if (!(await asks(`MAIL FROM:<${from}>${declared}`))) return { outcome: 'refused', taken, refusals };
    for (const one of to) if (await asks(`RCPT TO:<${one}>`)) taken.push(one);
    if (taken.length === 0 || !(await asks('DATA'))) {
      await this.#ask('RSET');
      return { outcome: 'refused', taken, refusals };
    }
    this.#socket.write(octets.toString('latin1').replace(/^\./gm, '..'));
    try {
      const answer = await this.#ask('.');
      if (answer.startsWith('250')) return { outcome: 'accepted', taken, refusals };
      return {
        outcome: answer.startsWith('5') ? 'refused' : 'unknown',
        taken,
        refusals: [...refusals, answer],
      };
    } catch {
      this.destroy();
      return { outcome: 'unknown', taken, refusals };
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
