/** A raw POP3 client: what deletes are promised is known at the +OK to QUIT. */
import { LineSocket } from './line-socket.ts';

export class Pop3Client {
  readonly #socket: LineSocket;

  private constructor(socket: LineSocket) {
    this.#socket = socket;
  }

  static async login(port: number, user: string, password: string): Promise<Pop3Client> {
    const client = new Pop3Client(await LineSocket.connect(port));
    await client.#socket.line();
    for (const command of [`USER ${user}`, `PASS ${password}`]) {
      const answer = await client.ask(command);
      if (answer.startsWith('+OK')) continue;
      client.destroy();
      throw new Error(`${command.slice(0, 4)} was answered ${answer}`);
    }
    return client;
  }

  /** The first line of the answer. */
  ask(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.#socket.line();
  }

  /** The lines after +OK, up to the dot; undefined for -ERR. */
  async lines(command: string): Promise<readonly string[] | undefined> {
    if (!(await this.ask(command)).startsWith('+OK')) return undefined;
    const lines: string[] = [];
    for (;;) {
      const line = await this.#socket.line();
      if (line === '.') return lines;
      lines.push(line.startsWith('.') ? line.slice(1) : line);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
