/**
 * The least of a client: lines to an IMAP server or any other, answers as text. It asks only what
 * it is told to ask, so that what is counted is ours and not a mail program's habits.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const host = '127.0.0.1';

export class LineClient {
  readonly #socket: Socket;
  #received = '';
  #wake = () => {};
  #tags = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    socket.on('error', () => {});
  }

  /** Connected, and greeted. */
  static async open(port: number): Promise<LineClient> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    const client = new LineClient(socket);
    await client.until(/\r\n$/);
    return client;
  }

  send(text: string | Uint8Array): void {
    this.#socket.write(text, 'latin1');
  }

  /** Everything up to where the pattern matches the end of what came. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received.slice(-400))) {
      if (this.#socket.destroyed) throw new Error(`closed after: ${this.#received.slice(-200)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const text = this.#received;
    this.#received = '';
    return text;
  }

  /** One reply of SMTP or POP3 in a single line, or SMTP's last of several; throws unless it is `expected`. */
  async say(line: string, expected: RegExp): Promise<string> {
    this.send(`${line}\r\n`);
    return must(await this.until(/(^|\n)(\d{3} [^\n]*|[+-][A-Z]+[^\n]*)\r\n$/), expected);
  }

  /** One IMAP command to its tagged OK; `literal` goes after the continuation. */
  async imap(command: string, literal?: Uint8Array): Promise<string> {
    const tag = `t${++this.#tags}`;
    if (literal === undefined) this.send(`${tag} ${command}\r\n`);
    else {
      this.send(`${tag} ${command} {${literal.length}}\r\n`);
      must(await this.until(/\r\n$/), /^\+ /);
      this.send(Buffer.concat([literal, Buffer.from('\r\n')]));
    }
    return must(await this.until(new RegExp(`(^|\\n)${tag} [^\\n]*\\r\\n$`)), new RegExp(`(^|\\n)${tag} OK`));
  }

  /** Ends the connection from our side and waits until the other side has, too. */
  async end(): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#socket.resume();
    this.#socket.end();
    await once(this.#socket, 'close');
  }
}

function must(answer: string, expected: RegExp): string {
  if (!expected.test(answer)) throw new Error(`expected ${expected}, got: ${answer.slice(-300)}`);
  return answer;
}
