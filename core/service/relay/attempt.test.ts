/** One attempt against servers that offer, refuse, stall and break in all the ways there are. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import tls from 'node:tls';
import { Attempts, brief, only, plain } from '../../../test/support/relay/attempts.ts';
import { testCertificate } from '../../../test/support/relay/certificate.ts';
import type { SinkScript } from '../../../test/support/relay/sink.ts';
import { MemoryBodies } from '../../../test/support/relay/world.ts';

let tries: Attempts;
beforeEach(() => {
  tries = new Attempts();
});
afterEach(() => tries.close());

test('each refusal has its outcome', async () => {
  const cases: readonly (readonly [SinkScript, string])[] = [
    [only('GREETING', '554 5.7.1 not you'), 'deferred 4.0.0'],
    [only('GREETING', '521 5.3.2 never'), 'failed 5.3.2'],
    [only('GREETING', 'drop'), 'deferred 4.4.2'],
    [only('GREETING', 'hello, this is no SMTP'), 'deferred 4.5.0'],
    [only('EHLO', '421 4.3.2 going down'), 'deferred 4.3.2'],
    [only('MAIL', '451 4.7.1 wait'), 'deferred 4.7.1'],
    [only('MAIL', '550 5.7.1 blocked'), 'failed 5.7.1'],
    [only('RCPT', '550 5.1.1 unknown'), 'failed 5.1.1'],
    [only('RCPT', 'drop'), 'deferred 4.4.2'],
    [only('DATA', '554 5.6.0 no'), 'failed 5.6.0'],
    [only('DATA', '250 2.0.0 what?'), 'deferred 4.5.0'],
    [only('MESSAGE', '554 5.7.1 spam'), 'failed 5.7.1'],
    [only('MESSAGE', '451 4.3.0 later'), 'deferred 4.3.0'],
    [only('MESSAGE', 'drop'), 'deferred 4.4.2'],
    [only('MESSAGE', 'hang'), 'deferred 4.4.1'],
    [only('MAIL', 'hang'), 'deferred 4.4.1'],
  ];
  await Promise.all(
    cases.map(async ([script, expected], i) => {
      const sink = await tries.sinkOf(script);
      assert.equal(brief(await tries.send(sink)), expected, `case ${i}`);
      assert.equal(sink.messages.length, 0);
    }),
  );
});

test('only the answer to the message itself says that it was delivered', async () => {
  const cases: readonly (readonly [SinkScript, string])[] = [
    [only('GREETING', '250 2.0.0 hello'), 'deferred 4.5.0'],
    [only('EHLO', '220 sink, said twice'), 'deferred 4.5.0'],
    [only('MAIL', '354 go ahead'), 'deferred 4.5.0'],
    [only('RCPT', '354 go ahead'), 'deferred 4.5.0'],
    [only('MESSAGE', '354 2.0.0 what?'), 'deferred 4.5.0'],
  ];
  for (const [script, expected] of cases) {
    const sink = await tries.sinkOf(script);
    assert.equal(brief(await tries.send(sink)), expected, script.reply?.toString());
    assert.equal(sink.messages.length, 0);
  }
});

test('any 2xx to MAIL and RCPT is a yes (RFC 5321 4.2.1)', async () => {
  for (const extensions of [['PIPELINING'], []]) {
    const sink = await tries.sinkOf({
      reply: (line) =>
        line.startsWith('MAIL') ? '200 ok' : line.startsWith('RCPT') ? '252 2.1.5 will try' : undefined,
      extensions,
    });
    assert.equal(brief(await tries.send(sink)), 'delivered 2.0.0');
    assert.equal(sink.messages.length, 1);
  }
});

test('without EHLO and without PIPELINING it still goes through', async () => {
  const sink = await tries.sinkOf({ ...only('EHLO', '502 5.5.1 what?') });
  assert.equal(brief(await tries.send(sink)), 'delivered 2.0.0');
  assert.ok(sink.commands.includes('HELO mx.acme.example'));
  const bare = await tries.sinkOf({ extensions: [] });
  assert.equal(brief(await tries.send(bare)), 'delivered 2.0.0');
  assert.ok(bare.commands.includes('MAIL FROM:<ann@acme.example>'));
});

test('a refused recipient does not hinder the others, pipelined or not', async () => {
  for (const extensions of [['PIPELINING'], []]) {
    const sink = await tries.sinkOf({ ...only('RCPT TO:<bob', '550 5.1.1 unknown'), extensions });
    const outcomes = await tries.send(sink);
    assert.deepEqual(
      outcomes.map((one) => one?.kind),
      ['failed', 'delivered'],
    );
    assert.equal(sink.messages.length, 1);
  }
});

test('STARTTLS is used where it is offered, whatever the certificate', async () => {
  const sink = await tries.sinkOf({ tls: await testCertificate('other.example') });
  assert.equal(brief(await tries.send(sink)), 'delivered 2.0.0');
  assert.equal(sink.messages[0]?.encrypted, true);
});

test('a broken handshake or a refused STARTTLS falls back to clear text, but not where TLS is demanded', async () => {
  for (const script of [{ tls: 'broken' }, { tls: 'broken', ...only('STARTTLS', '454 4.7.0 no') }] as const) {
    const sink = await tries.sinkOf(script);
    assert.equal(brief(await tries.send(sink)), 'delivered 2.0.0');
    assert.equal(sink.messages[0]?.encrypted, false);
    const strict = await tries.sinkOf(script);
    assert.equal(brief(await tries.send(strict, { route: { verifiedTls: true } })), 'deferred 4.7.5');
    assert.equal(strict.messages.length, 0);
  }
});

test('a smarthost whose certificate does not fit gets neither password nor mail', async () => {
  const sink = await tries.sinkOf({
    tls: await testCertificate('other.example'),
    extensions: ['AUTH PLAIN'],
  });
  const credentials = { user: 'u', password: 'p' };
  assert.equal(
    brief(await tries.send(sink, { route: { verifiedTls: true, credentials } })),
    'deferred 4.7.5',
  );
  assert.ok(!sink.commands.some((line) => line.startsWith('AUTH')));
});

test('a smarthost named by its address must have a certificate for that address', async () => {
  const forName = await testCertificate('localhost');
  const forAddress = await testCertificate('127.0.0.1', 'ip');
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([forName.cert, forAddress.cert]);
  try {
    for (const [pair, name, expected] of [
      [forName, 'localhost', 'delivered 2.0.0'],
      [forName, '127.0.0.1', 'deferred 4.7.5'],
      [forAddress, '127.0.0.1', 'delivered 2.0.0'],
    ] as const) {
      const sink = await tries.sinkOf({ tls: pair });
      assert.equal(brief(await tries.send(sink, { route: { name, verifiedTls: true } })), expected);
    }
  } finally {
    tls.setDefaultCACertificates(before);
  }
});

test('what the server cannot take is refused by us, before MAIL', async () => {
  const eightBit = `${plain}gr\xc3\xbc\xc3\x9fe\r\n`;
  const cases = [
    [['PIPELINING'], { text: eightBit }, 'failed 5.6.3'],
    [['8BITMIME', 'SIZE 20'], {}, 'failed 5.3.4'],
    [['8BITMIME'], { job: { smtpUtf8: true, reversePath: 'j\u00f6rg@acme.example' } }, 'failed 5.6.7'],
    [['8BITMIME'], { text: eightBit.replace('hi', 'h\xc3\xaf'), job: { smtpUtf8: true } }, 'failed 5.6.9'],
  ] as const;
  for (const [extensions, situation, expected] of cases) {
    const sink = await tries.sinkOf({ extensions });
    assert.equal(brief(await tries.send(sink, situation)), expected);
    assert.ok(!sink.commands.some((line) => line.startsWith('MAIL')));
  }
});

test('8BITMIME and SMTPUTF8 are said where they are needed; a domain travels as A-label', async () => {
  const sink = await tries.sinkOf({ extensions: ['8BITMIME', 'SMTPUTF8'] });
  const recipients = [{ address: 'bob@b\u00fccher.example', state: 'pending' as const }];
  await tries.send(sink, { text: `${plain}\xc3\xbc\r\n`, job: { smtpUtf8: true, recipients } });
  assert.deepEqual(sink.commands.slice(1, 3), [
    'MAIL FROM:<ann@acme.example> BODY=8BITMIME',
    'RCPT TO:<bob@xn--bcher-kva.example>',
  ]);
  await tries.send(sink, { job: { reversePath: 'j\u00f6rg@acme.example' } });
  assert.ok(
    sink.commands.includes(Buffer.from('MAIL FROM:<j\u00f6rg@acme.example> SMTPUTF8').toString('latin1')),
  );
});

test('a large message streams, and a body that ends early is never passed off as whole', async () => {
  const sink = await tries.sinkOf({ extensions: ['SIZE'] });
  const text = plain + `${'x'.repeat(76)}\r\n`.repeat(40_000);
  const timeouts = { finalMs: 5000, blockMs: 5000 };
  assert.equal(brief(await tries.send(sink, { text, timeouts })), 'delivered 2.0.0');
  assert.equal(sink.messages[0]?.data, text);
  const truncating = new MemoryBodies();
  truncating.stream = (key, start, end) => tries.bodies.stream(key, start, Math.min(end, 2_000_000));
  assert.equal(brief(await tries.send(sink, { text, ports: { bodies: truncating } })), 'deferred 4.3.0');
  assert.match(String(tries.failures[0]), /octets short/);
  assert.equal(sink.messages.length, 1);
});

test('a server that takes two recipients at a time gets all of them over one connection', async () => {
  const recipients = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    address: `${name}@remote.example`,
    state: 'pending' as const,
  }));
  for (const extensions of [['PIPELINING'], []]) {
    let taken = 0;
    const sink = await tries.sinkOf({
      extensions,
      reply: (line) => {
        if (line.startsWith('MAIL')) taken = 0;
        return line.startsWith('RCPT') && ++taken > 2 ? '452 4.5.3 too many recipients' : undefined;
      },
    });
    assert.equal(brief(await tries.send(sink, { job: { recipients } })), 'delivered 2.0.0');
    assert.equal(sink.messages.length, 3);
    assert.equal(sink.commands.filter((line) => line.startsWith('EHLO')).length, 1);
  }
});
