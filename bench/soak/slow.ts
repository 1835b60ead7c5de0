/**
 * Those who are too slow: some ask for far more than they read, some write an octet now and then.
 * They must not hold up anybody else, which the latencies of the others show.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SmtpClient } from '../client/smtp-client.ts';
import { password, reader, type Server, writer } from '../servers/server.ts';

const everyMs = 500;
const largeOctets = 2 * 1024 * 1024;
const readOctets = 2048;

/** Starts `count` of each kind; what it returns ends them. */
export async function startSlow(server: Server, count: number): Promise<() => void> {
  if (count === 0) return () => {};
  const smtp = await SmtpClient.open({ port: server.smtp ?? 0, from: '127.0.3.1' });
  await smtp.deliver(
    reader,
    Buffer.from(`Subject: large\r\n\r\n${'z'.repeat(70)}\r\n`.repeat(largeOctets / 72)),
  );
  await smtp.close();
  const sockets: Socket[] = [];
  for (let n = 0; n < count; n++) {
    sockets.push(await slowReader(server), await slowAppender(server), await slowSender(server));
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

/** Asks for the large message many times and takes 4 KB a second. */
async function slowReader(server: Server): Promise<Socket> {
  const socket = await dial(server.imap ?? 0);
  socket.write(
    `a LOGIN "${reader}" "${password}"\r\nb SELECT INBOX\r\n${'c FETCH 1 BODY.PEEK[]\r\n'.repeat(50)}`,
  );
  return every(socket, () => void (socket.read(readOctets) ?? socket.read()));
}

/** An APPEND that never comes to its end. */
async function slowAppender(server: Server): Promise<Socket> {
  const socket = await dial(server.imap ?? 0);
  socket.resume();
  socket.write(`a LOGIN "${writer}" "${password}"\r\nb APPEND INBOX {1000000+}\r\nSubject: slow\r\n\r\n`);
  return every(socket, () => void socket.write('x'));
}

/** DATA that never comes to its end. */
async function slowSender(server: Server): Promise<Socket> {
  const socket = await dial(server.smtp ?? 0);
  socket.resume();
  socket.write(
    `EHLO slow.test\r\nMAIL FROM:<slow@acme.example>\r\nRCPT TO:<${writer}>\r\nDATA\r\nSubject: slow\r\n\r\n`,
  );
  return every(socket, () => void socket.write('x'));
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.3.2' });
  socket.on('error', () => {}); // the end of the soak, or a server that has lost its patience
  await once(socket, 'connect');
  return socket;
}

function every(socket: Socket, act: () => void): Socket {
  const timer = setInterval(act, everyMs);
  socket.once('close', () => clearInterval(timer));
  return socket;
}
