import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { assertServed } from './capabilities.ts';
import type { SmtpEvent } from './context.ts';
import * as limits from './limits.ts';
import { serveSmtp } from './session.ts';
import type { SmtpSettings } from './settings.ts';
import { MemoryBackend } from './testing/memory-backend.ts';

const settings: SmtpSettings = { mode: 'mx', hostname: 'mx.example.org', maxMessageOctets: 1_000_000 };

/** A session whose clock the test sets, and all that its client hears. */
function serve(changes: Partial<SmtpSettings> = {}, draining = new AbortController().signal) {
  const [server, client] = duplexPair();
  const clock = { nowMs: 0, now: () => clock.nowMs, after: () => () => {} };
  const backend = new MemoryBackend();
  const events: SmtpEvent[] = [];
  const dependencies = { backend, clock, observe: (event: SmtpEvent) => void events.push(event) };
  const ended = serveSmtp(server, '192.0.2.1', dependencies, { ...settings, ...changes }, draining);
  return { client, clock, backend, events, ended, heard: text(client) };
}

/** Lets promises and streams run on while timers stand still. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('the five hundred and first recipient is for another transaction', async () => {
  const { client, heard, backend } = serve();
  const recipients = Array.from(
    { length: limits.maxRecipients + 1 },
    (_, at) => `RCPT TO:<u${at}@example.org>\r\n`,
  );
  client.end(`EHLO c\r\nMAIL FROM:<>\r\n${recipients.join('')}DATA\r\nx\r\n.\r\nQUIT\r\n`);
  const said = await heard;
  assert.equal(said.match(/^250 2\.1\.5 OK\r$/gm)?.length, limits.maxRecipients);
  assert.match(said, /452 4\.5\.3 At most 500 recipients\r\n354 /);
  assert.equal(backend.taken[0]?.recipients.length, limits.maxRecipients);
});

test('one who only keeps us busy is sent away', async () => {
  const { client, heard } = serve();
  client.write('NOOP\r\n'.repeat(limits.maxIdleCommands + 50));
  const said = await heard;
  assert.equal(said.match(/^250 /gm)?.length, limits.maxIdleCommands);
  assert.match(said, /421 4\.7\.0 Too many commands without mail\r\n$/);
});

test('silence ends the session, sooner before a login', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const [mode, timeoutMs] of [
    ['mx', limits.idleTimeoutMs],
    ['submission', limits.loginTimeoutMs],
  ] as const) {
    const { events, client, heard } = serve({ mode });
    await settle();
    t.mock.timers.tick(timeoutMs - 1);
    await settle();
    assert.deepEqual(events, []);
    t.mock.timers.tick(1);
    assert.match(await heard, /421 4\.4\.2 Too slow\r\n$/);
    client.end();
  }
});

test('a message that trickles is cut off, and what came of it is gone', async () => {
  const { client, clock, heard, backend, ended, events } = serve();
  client.write('EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n');
  await settle();
  for (let second = 0; second < limits.dataGraceMs / 1000; second++) {
    clock.nowMs += 1000;
    client.write('x');
    await settle();
  }
  clock.nowMs += 1000;
  client.write('x');
  await settle();
  client.end('x');
  assert.match(await heard, /354 .*\r\n421 4\.4\.2 Too slow\r\n$/);
  await ended;
  assert.deepEqual(backend.taken, []);
  assert.deepEqual(events.at(-1), { kind: 'ended', reason: 'idle', after: 'DATA' });
});

test('what was refused may not go on for ever', async () => {
  const { client, heard, ended } = serve({ maxMessageOctets: 1000 });
  client.on('error', () => {});
  client.write('EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n');
  const line = `${'x'.repeat(998)}\r\n`;
  const more = setInterval(() => client.write(line.repeat(20)), 1);
  await ended;
  clearInterval(more);
  assert.match(await heard, /552 5\.3\.4 Message far larger[^\r]*\r\n$/);
});

test('the log tells who was refused what, one line for each, and no more of a message than its envelope', async () => {
  const { client, heard, events } = serve();
  client.write('EHLO c.example.net\r\nc2VjcmV0\r\nMAIL FROM:<bob@example.net> SIZE=9999999\r\n');
  client.write(
    'MAIL FROM:<bob@example.net>\r\nRCPT TO:<unknown@example.org>\r\nRCPT TO:<ann@example.org>\r\n',
  );
  client.end('DATA\r\nSubject: private\n\r\n.\r\nQUIT\r\n');
  await heard;
  const [noCommand, mail, rcpt, message, ended] = events;
  assert.deepEqual(noCommand, {
    kind: 'refused',
    verb: '?',
    said: '',
    from: undefined,
    reply: { code: 500, status: '5.5.2', lines: ['Not a command'] },
  });
  assert.partialDeepStrictEqual(mail, { verb: 'MAIL', said: 'FROM:<bob@example.net> SIZE=9999999' });
  assert.partialDeepStrictEqual(rcpt, {
    kind: 'refused',
    verb: 'RCPT',
    said: 'TO:<unknown@example.org>',
    from: 'bob@example.net',
    reply: { code: 550, status: '5.1.1', lines: ['No such user'] },
  });
  assert.partialDeepStrictEqual(message, {
    kind: 'message',
    helo: 'c.example.net',
    protocol: 'ESMTP',
    from: 'bob@example.net',
    to: ['ann@example.org'],
    recipients: 1,
    octets: 19,
    reply: { code: 550 },
  });
  assert.deepEqual(ended, { kind: 'ended', reason: 'quit', after: 'QUIT' });
  assert.equal(events.length, 5);
});

test('what a client says that missed the refusal of its AUTH is in no log', async () => {
  const { client, heard, events } = serve({ mode: 'submission' });
  client.end('EHLO c\r\nAUTH LOGIN\r\nQWxhZGRpbg\r\nc2VzYW1l\r\nQUIT\r\n');
  await heard;
  assert.equal(events.length, 4);
  assert.doesNotMatch(JSON.stringify(events).toUpperCase(), /QWXHZGRPBG|C2VZYW1L/);
});

test('the end of a session has its reason', async () => {
  for (const [said, reason, last] of [
    ['QUIT\r\n', 'quit', 'QUIT'],
    ['', 'closed', ''],
    ['NOOP\r\n', 'closed', 'NOOP'],
    ['X\r\n'.repeat(21), 'sent away', '?'],
    ['NOOP\n', 'sent away', '?'],
    ['EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\nhalf', 'closed', 'DATA'],
  ] as const) {
    const { client, ended, events } = serve();
    client.end(said);
    await ended;
    assert.deepEqual(events.at(-1), { kind: 'ended', reason, after: last });
  }
  const drained = new AbortController();
  const { client, ended, events } = serve({}, drained.signal);
  drained.abort();
  client.end();
  await ended;
  assert.deepEqual(events, [{ kind: 'ended', reason: 'draining', after: '' }]);
});

test('advertising what nobody handles fails at once', () => {
  assert.throws(
    () => assertServed(new Set(['AUTH']), new Set(['SIZE', 'BODY', 'SMTPUTF8', 'AUTH'])),
    /STARTTLS/,
  );
  assert.throws(() => assertServed(new Set(['AUTH', 'STARTTLS']), new Set(['SIZE'])), /MAIL parameter BODY/);
});
