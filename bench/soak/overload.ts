/** More connections than the limits allow: each is greeted or turned away in words, and the server lives on. */
import { connect, type Socket } from 'node:net';
import { ImapClient } from '../client/imap-client.ts';
import { password, type Server, userOf } from '../servers/server.ts';

interface Probe {
  readonly what: string;
  readonly port: number | undefined;
  readonly connections: number;
  /** Of each address. */
  readonly perAddress: number;
  readonly greeting: RegExp;
  readonly refusal: RegExp;
}

export interface ProbeResult {
  readonly what: string;
  readonly greeted: number;
  readonly refused: number;
  readonly other: number;
}

const answerMs = 30_000;
const dialingAtOnce = 50;

/** One result per probe; throws when nobody can log in while a probe's connections are there, or afterwards. */
export async function overload(server: Server): Promise<readonly ProbeResult[]> {
  const imap = { port: server.imap, greeting: /^\* OK /, refusal: /^\* BYE / };
  const smtp = { port: server.smtp, greeting: /^220 /, refusal: /^421 / };
  const pop3 = { port: server.pop3, greeting: /^\+OK /, refusal: /^-ERR / };
  const probes: readonly Probe[] = [
    { what: 'IMAP, one address', connections: 260, perAddress: 260, ...imap },
    { what: 'SMTP, one address', connections: 80, perAddress: 80, ...smtp },
    { what: 'POP3, one address', connections: 140, perAddress: 140, ...pop3 },
    { what: 'SMTP, many addresses', connections: 2200, perAddress: 40, ...smtp },
  ];
  const results: ProbeResult[] = [];
  for (const probe of probes) results.push(await run(probe, server));
  await lives(server);
  return results;
}

async function run(probe: Probe, server: Server): Promise<ProbeResult> {
  const sockets: Socket[] = [];
  const answers: string[] = [];
  for (let first = 0; first < probe.connections; first += dialingAtOnce) {
    const some = Array.from({ length: Math.min(dialingAtOnce, probe.connections - first) }, (_, n) =>
      firstLine(probe, first + n, sockets),
    );
    answers.push(...(await Promise.all(some)));
  }
  await lives(server);
  for (const socket of sockets) socket.destroy();
  const count = (pattern: RegExp) => answers.filter((line) => pattern.test(line)).length;
  const [greeted, refused] = [count(probe.greeting), count(probe.refusal)];
  return { what: probe.what, greeted, refused, other: answers.length - greeted - refused };
}

/** What the server says first; '' when it says nothing. The connection stays. */
function firstLine({ port = 0, perAddress }: Probe, n: number, sockets: Socket[]): Promise<string> {
  const localAddress = `127.0.4.${1 + Math.floor(n / perAddress)}`;
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.push(socket);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(''), answerMs);
    const settle = (line: string) => {
      clearTimeout(timer);
      resolve(line);
    };
    socket.once('data', (chunk: Buffer) => settle(chunk.toString('latin1')));
    socket.once('error', () => settle(''));
    socket.once('close', () => settle(''));
  });
}

async function lives(server: Server): Promise<void> {
  const client = await ImapClient.login({ port: server.imap ?? 0, from: '127.0.5.1' }, userOf(0), password);
  await client.select('INBOX');
  await client.close();
}
