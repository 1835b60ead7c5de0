/**
 * SMTP sessions that go over to TLS: whatever came in clear behind STARTTLS changes nothing of what is
 * said and taken under TLS (RFC 3207 6), and octets that are no handshake end the session quietly.
 */
import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { SmtpEvent } from '../../../core/protocol/smtp/context.ts';
import { serveSmtp } from '../../../core/protocol/smtp/session.ts';
import { MemoryBackend } from '../../../core/protocol/smtp/testing/memory-backend.ts';
import { testCertificate, testTls } from '../../../core/protocol/wire/testing/tls.ts';
import type { Target } from '../target.ts';
import { EagerClock } from './session.ts';

/** Between what comes before STARTTLS, what is put behind it in clear, and what is said under TLS. */
const mark = '\xfe';
const words = [
  'EHLO client.example.net\r\n',
  'MAIL FROM:<bob@example.net>\r\n',
  'RCPT TO:<ann@example.org>\r\n',
  'DATA\r\n',
  'Subject: x\r\n\r\nx\r\n.\r\n',
  'AUTH PLAIN AGFubkBleGFtcGxlLm9yZwBzZWNyZXQ=\r\n',
  'STARTTLS\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'QUIT\r\n',
  '\n',
  '\0',
  '\x16\x03\x01\x02\0\x01\0',
  '\x15\x03\x03\0\x02\x02\x28',
  mark,
];
const maxOctets = 4096;
const patience = 300; // turns of the event loop without a word

export const starttls: Target = {
  name: 'starttls',
  words,
  generate: (chance) => {
    const some = () => chance.some(4, () => chance.pick(words));
    const first = chance.pick(['', 'EHLO c\r\n', 'EHLO c\r\nMAIL FROM:<bob@example.net>\r\n']);
    return Buffer.from(`${first}${some()}${mark}${some()}${mark}EHLO c\r\n${some()}`, 'latin1');
  },
  run: async (input) => {
    const text = input.subarray(0, maxOctets).toString('latin1');
    const [before = '', injected = '', ...under] = text.split(mark);
    const with_ = await talk(before, injected, under.join(''));
    const without = await talk(before, '', under.join(''));
    if (without.secured) assert.deepEqual(with_, without, 'clear text behind STARTTLS was heard');
    if (without.secured && injected !== '') await talkNonsense(before, injected);
  },
};

interface Heard {
  readonly secured: boolean;
  readonly secure: string;
  readonly taken: readonly string[];
}

/** `injected` travels with STARTTLS; then the handshake, if we are told to go ahead. */
async function talk(before: string, injected: string, under: string): Promise<Heard> {
  const { client, clear, over, backend, close } = serve();
  client.write(Buffer.from(`${before}STARTTLS\r\n${injected}`, 'latin1'));
  const secured = await goAhead(clear, over);
  let secure = '';
  if (secured) {
    client.removeAllListeners('data');
    const tls = connect({ socket: client, ca: testCertificate, servername: 'localhost' });
    tls.on('error', () => {});
    tls.on('data', (chunk: Buffer) => {
      secure += chunk.toString('latin1');
    });
    tls.write(Buffer.from(`${under}\r\n.\r\nQUIT\r\n`, 'latin1'));
    await quiet(() => `${secure.length}`, over);
    tls.destroy();
  }
  await close();
  assert.match(secure, /^(?:[2-5]\d\d[ -][\x20-\x7e]*\r\n)*$/, 'replies under TLS');
  return { secured, secure, taken: backend.taken.map(({ octets }) => octets.toString('latin1')) };
}

/** Go ahead, and then no handshake comes. */
async function talkNonsense(before: string, nonsense: string): Promise<void> {
  const { client, clear, over, backend, close } = serve();
  client.write(Buffer.from(`${before}STARTTLS\r\n`, 'latin1'));
  if (await goAhead(clear, over)) {
    const takenBefore = backend.taken.length;
    client.write(Buffer.from(nonsense, 'latin1'));
    client.end();
    await quiet(clear, over);
    assert.equal(backend.taken.length, takenBefore);
  }
  await close();
}

function serve() {
  const [server, client] = duplexPair();
  const backend = new MemoryBackend();
  const events: SmtpEvent[] = [];
  let clear = '';
  client.on('error', () => {});
  client.on('data', (chunk: Buffer) => {
    clear += chunk.toString('latin1');
  });
  const ended = session(server, backend, events);
  const state = { over: false };
  const done = ended.finally(() => {
    state.over = true;
  });
  done.catch(() => {}); // awaited below
  const close = async () => {
    server.destroy();
    client.destroy();
    await done;
    for (const event of events) if (event.kind === 'failure') throw event.error;
  };
  return { client, backend, clear: () => clear, over: () => state.over, close };
}

function session(server: Duplex, backend: MemoryBackend, events: SmtpEvent[]): Promise<void> {
  const settings = {
    mode: 'mx',
    authOnMx: true,
    hostname: 'mx.example.org',
    maxMessageOctets: 100_000,
    tls: testTls,
  } as const;
  const observe = (event: SmtpEvent) => void events.push(event);
  const dependencies = { backend, clock: new EagerClock(), observe };
  return serveSmtp(server, '192.0.2.1', dependencies, settings, new AbortController().signal);
}

async function goAhead(clear: () => string, over: () => boolean): Promise<boolean> {
  await quiet(clear, over, 30);
  const said = clear();
  assert.ok(!/Go ahead\r\n./s.test(said), 'a word in clear behind Go ahead');
  return said.endsWith('Go ahead\r\n');
}

/** Until nothing new has been said for a while, or the session is over. */
async function quiet(heard: () => string, over: () => boolean, turns = patience): Promise<void> {
  for (let still = 0, last = ''; still < turns && !over(); still++) {
    await turn();
    if (heard() !== last) still = 0;
    last = heard();
  }
  await turn();
}
