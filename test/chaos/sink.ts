/**
 * The foreign mail server of the chaos runs. While it is bad, half of its answers are refusals for now, refusals
 * for good, or broken connections. It remembers only what it has said 250 to: that is what was delivered.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { hashOf, tokenOf } from './letter.ts';

/** Never takes anything, not even when it is calm, and never says that it never will. */
export const neverDomain = 'never.example';

export interface Taken {
  readonly token: string;
  readonly hash: string;
  readonly recipient: string;
  readonly atMs: number;
}

export interface ChaosSink {
  readonly port: number;
  readonly taken: readonly Taken[];
  /** From now on everything is taken. */
  calm(): void;
  rage(): void;
  readonly refusals: number;
  close(): Promise<void>;
}

export async function startChaosSink(random: () => number): Promise<ChaosSink> {
  const taken: Taken[] = [];
  const sockets = new Set<Socket>();
  const mood = { bad: true, refusals: 0 };
  /** What a bad server does instead of what was asked: by chances of temporary, permanent, broken. */
  const trouble = (temporary: number, permanent: number, broken: number): string | undefined => {
    const drawn = random();
    if (!mood.bad || drawn >= temporary + permanent + broken) return undefined;
    mood.refusals++;
    if (drawn < broken) return 'break';
    return drawn < broken + permanent ? '550 5.7.0 never' : '451 4.0.0 later';
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, trouble, (one) => taken.push(one));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    taken,
    calm: () => {
      mood.bad = false;
    },
    rage: () => {
      mood.bad = true;
    },
    get refusals() {
      return mood.refusals;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function converse(
  socket: Socket,
  trouble: (temporary: number, permanent: number, broken: number) => string | undefined,
  take: (taken: Taken) => void,
): void {
  let recipients: string[] = [];
  let data: string[] | undefined;
  const say = (line: string) => (line === 'break' ? socket.destroy() : socket.write(`${line}\r\n`));
  socket.setEncoding('latin1').on('error', () => socket.destroy());
  say(trouble(0.1, 0, 0.05) ?? '220 sink');
  createInterface({ input: socket })
    .on('error', () => {})
    .on('line', (line) => {
      if (data !== undefined && line !== '.')
        return void data.push(line.startsWith('.') ? line.slice(1) : line);
      if (data !== undefined) {
        const octets = Buffer.from(`${data.join('\r\n')}\r\n`, 'latin1');
        data = undefined;
        const refusal = trouble(0.15, 0.05, 0.1);
        if (refusal !== undefined) return void say(refusal);
        const [token, hash] = [tokenOf(octets) ?? '', hashOf(octets)];
        for (const recipient of recipients) take({ token, hash, recipient, atMs: Date.now() });
        return void say('250 taken');
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') return void say('250-sink\r\n250 8BITMIME');
      if (verb === 'QUIT') return void socket.end('221 bye\r\n');
      if (verb === 'MAIL' || verb === 'RSET') recipients = [];
      if (verb === 'RCPT') {
        const recipient = /<(.*?)>/.exec(line)?.[1] ?? '';
        const never = recipient.endsWith(`@${neverDomain}`) ? '450 4.2.0 not today' : undefined;
        const refusal = never ?? trouble(0.12, 0.06, 0.02);
        if (refusal !== undefined) return void say(refusal);
        recipients.push(recipient);
      }
      if (verb !== 'DATA') return void say('250 ok');
      if (recipients.length === 0) return void say('554 no recipients');
      data = [];
      say('354 go on');
    });
}
