import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { SmtpEvent } from './context.ts';
import { serveSmtp } from './session.ts';
import { MemoryBackend } from './testing/memory-backend.ts';

const seed = Number(process.env.POSTFOLD_TEST_SEED ?? 7);
const rounds = 300;

/** mulberry32. */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const dialogue =
  'EHLO client.example.net\r\nMAIL FROM:<bob@example.net> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<"a b"@example.org>\r\n' +
  'DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nRSET\r\nVRFY x\r\nAUTH PLAIN AGFubkBleGFtcGxlLm9yZwBzZWNyZXQ=\r\n' +
  'AUTH LOGIN\r\nYW5u\r\nYW5u\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n\r\n.\r\nQUIT\r\n';
const pieces = [
  '\r',
  '\n',
  '\r\n',
  '.',
  '\0',
  '<',
  '>',
  '"',
  '\\',
  '@',
  '\xff',
  ' ',
  '=',
  '\r\n.\r\n',
  'DATA\r\n',
  ':',
];

function mutated(random: () => number): Buffer {
  let octets = dialogue;
  for (let times = 1 + random() * 8; times > 0; times--) {
    const at = Math.floor(random() * octets.length);
    const skip = Math.floor(random() * random() * 12);
    const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
    octets = octets.slice(0, at) + piece + octets.slice(at + skip);
  }
  return Buffer.from(octets, 'latin1');
}

/** Nobody waits. */
const clock = {
  now: () => 0,
  after(_delayMs: number, then: () => void) {
    const immediate = setImmediate(then);
    return () => clearImmediate(immediate);
  },
};

test(`broken dialogues break nothing (seed ${seed})`, async () => {
  const random = generator(seed);
  for (let round = 0; round < rounds; round++) {
    const [server, client] = duplexPair();
    const events: SmtpEvent[] = [];
    const backend = new MemoryBackend();
    const settings = {
      mode: 'submission',
      hostname: 'mx.example.org',
      maxMessageOctets: 1000,
      insecureAuth: true,
    } as const;
    const observe = (event: SmtpEvent) => void events.push(event);
    const ended = serveSmtp(
      server,
      '192.0.2.1',
      { backend, clock, observe },
      settings,
      new AbortController().signal,
    );
    const heard = text(client);
    const octets = mutated(random);
    for (let at = 0; at < octets.length; ) {
      const end = at + 1 + Math.floor(random() * 40);
      client.write(octets.subarray(at, end));
      at = end;
    }
    client.end();
    const said = await heard;
    await ended;
    const context = `round ${round}: ${JSON.stringify(octets.toString('latin1'))}`;
    assert.ok(!events.some(({ kind }) => kind === 'failure'), context);
    assert.match(said, /^220 .*\r\n(?:[2-5]\d\d[ -][\x20-\x7e]*\r\n)*$/, context);
    for (const { octets: taken } of backend.taken)
      assert.ok(!/(?<!\r)\n|\r(?!\n)/.test(taken.toString('latin1')), context);
  }
});
