/** Sessions that do nothing while their server is stopped: each is told goodbye in the words of its protocol. */
import { LineSocket } from './line-socket.ts';
import type { Ports } from './worker.ts';

interface Bystander {
  readonly name: string;
  readonly socket: LineSocket;
  readonly farewell: RegExp;
}

export interface Bystanders {
  readonly count: number;
  /** When the server has stopped: those that were not told, with what they heard last. */
  untold(): Promise<readonly string[]>;
}

const dialogues = [
  { name: 'IMAP before login', port: 'imap', lines: [], farewell: /^\* BYE/ },
  { name: 'IMAP in a mailbox', port: 'imap', lines: ['LOGIN', 'a SELECT INBOX'], farewell: /^\* BYE/ },
  { name: 'IMAP idle', port: 'imap', lines: ['LOGIN', 'a SELECT INBOX', 'a IDLE'], farewell: /^\* BYE/ },
  { name: 'POP3', port: 'pop3', lines: [], farewell: /^-ERR \[SYS\/TEMP\]/ },
  { name: 'SMTP', port: 'smtp', lines: ['EHLO there'], farewell: /^421/ },
] as const;

/** One of each kind; those that the weather does not let in are left out. */
export async function openBystanders(ports: Ports, user: string, password: string): Promise<Bystanders> {
  const opened: Bystander[] = [];
  for (const { name, port, lines, farewell } of dialogues) {
    const socket = await LineSocket.connect(ports[port]).catch(() => undefined);
    if (socket === undefined) continue;
    const login = `a LOGIN "${user}" "${password}"`;
    const talk = lines.map((line) => (line === 'LOGIN' ? login : line));
    if (await said(socket, talk)) opened.push({ name, socket, farewell });
    else socket.destroy();
  }
  return {
    count: opened.length,
    untold: async () => (await Promise.all(opened.map(untoldOf))).flat(),
  };
}

/** Whether each line was answered well: by a tagged OK, `+`, or the last line of a 250. */
async function said(socket: LineSocket, lines: readonly string[]): Promise<boolean> {
  try {
    await socket.line();
    for (const line of lines) {
      socket.write(`${line}\r\n`);
      for (;;) {
        const answer = await socket.line();
        if (/^(a OK|\+|250 )/.test(answer)) break;
        if (/^(a |[45]\d\d|\* BYE)/.test(answer)) return false;
      }
    }
    return true;
  } catch {
    return false;
  }
}

async function untoldOf({ name, socket, farewell }: Bystander): Promise<readonly string[]> {
  let last = 'nothing';
  try {
    for (;;) {
      last = await socket.line();
      if (farewell.test(last)) return [];
    }
  } catch {
    return [`${name} heard "${last}" last`];
  } finally {
    socket.destroy();
  }
}
