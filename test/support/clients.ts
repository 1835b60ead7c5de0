/** Real mail clients, ready to talk to a Postfold of the tests: nodemailer, imapflow, a POP3 line client. */
import { connect } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { createTransport, type Transporter } from 'nodemailer';
import { alice, password, type Postfold as Started } from './postfold.ts';

/** Whatever listens: a process of its own, or this one. */
type Postfold = Pick<Started, 'ports'>;

/** Mail from outside, to port 25 without authentication. */
export function outside(postfold: Postfold): Transporter {
  return createTransport({
    host: '127.0.0.1',
    port: postfold.ports.smtp,
    tls: { rejectUnauthorized: false },
  });
}

/** Submission with STARTTLS and AUTH. */
export function submission(postfold: Postfold, user = alice): Transporter {
  return createTransport({
    host: '127.0.0.1',
    port: postfold.ports.submission,
    requireTLS: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
  });
}

/** An IMAP session over implicit TLS, logged in. */
export async function imap(postfold: Postfold, user = alice): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: postfold.ports.imaps,
    secure: true,
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    logger: false,
  });
  await client.connect();
  return client;
}

/** Runs POP3 commands in one session over TLS and gives each answer; `multi` names those with several lines. */
export async function pop3(
  postfold: Postfold,
  commands: readonly string[],
  user = alice,
): Promise<readonly Buffer[]> {
  const socket = connect({ host: '127.0.0.1', port: postfold.ports.pop3s, rejectUnauthorized: false });
  const answers: Buffer[] = [];
  const queue = ['', `USER ${user}`, `PASS ${password}`, ...commands, 'QUIT'];
  const chunks: Buffer[] = [];
  let expected = queue.shift() ?? '';
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    if (!isComplete(chunks, expected)) continue;
    answers.push(Buffer.concat(chunks.splice(0)));
    const next = queue.shift();
    if (next === undefined) break;
    expected = next;
    socket.write(`${next}\r\n`);
  }
  socket.destroy();
  return answers.slice(3, -1);
}

function isComplete(chunks: readonly Buffer[], command: string): boolean {
  const last = chunks[chunks.length - 1];
  const first = chunks[0];
  if (last === undefined || first === undefined) return false;
  const several = /^(RETR|TOP|CAPA|UIDL$|LIST$)/i.test(command) && first[0] === 0x2b;
  if (!several) return last[last.length - 1] === 0x0a;
  const tail = Buffer.concat(chunks.slice(-3)).subarray(-5).toString('latin1');
  return tail === '\r\n.\r\n';
}
