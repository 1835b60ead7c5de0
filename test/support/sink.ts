/**
 * A foreign mail server for the tests: takes mail on loopback and remembers it, or refuses as it
 * is told. Plain SMTP over node:net, no part of Postfold.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface Sink {
  readonly port: number;
  /** Messages taken: the octets between DATA and the dot, and the recipients. */
  readonly taken: readonly { readonly from: string; readonly to: readonly string[]; readonly text: string }[];
  /** Resolves when `count` messages have been taken. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

/** `answer` may give another reply for a command ('RCPT TO:<x>', 'DATA', '.'); undefined means success. */
export async function startSink(
  port = 0,
  answer: (command: string) => string | undefined = () => undefined,
): Promise<Sink> {
  const taken: { from: string; to: readonly string[]; text: string }[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((socket) => {
    converse(socket, answer, (message) => {
      taken.push(message);
      for (const check of waiting) check();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    taken,
    until: (count) =>
      new Promise((resolve) => {
        const check = () => taken.length >= count && resolve();
        waiting.push(check);
        check();
      }),
    close: () => closed(server),
  };
}

type Message = { from: string; to: readonly string[]; text: string };

function converse(
  socket: Socket,
  answer: (command: string) => string | undefined,
  take: (message: Message) => void,
): void {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let from = '';
  let to: string[] = [];
  let data: string[] | undefined;
  socket.setEncoding('latin1').on('error', () => socket.destroy());
  say('220 sink');
  createInterface({ input: socket }).on('line', (line) => {
    if (data !== undefined && line !== '.') {
      data.push(line.startsWith('.') ? line.slice(1) : line);
      return;
    }
    const refusal = answer(line);
    if (data !== undefined) {
      if (refusal === undefined) take({ from, to, text: data.join('\r\n') });
      data = undefined;
      say(refusal ?? '250 taken');
      return;
    }
    if (refusal !== undefined) return say(refusal);
    if (/^EHLO/i.test(line)) return say('250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8');
    if (/^MAIL/i.test(line)) [from, to] = [line, []];
    if (/^RCPT/i.test(line)) to.push(line);
    if (/^DATA/i.test(line)) data = [];
    if (/^QUIT/i.test(line)) return socket.end('221 bye\r\n');
    return say(/^DATA/i.test(line) ? '354 go on' : '250 ok');
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
