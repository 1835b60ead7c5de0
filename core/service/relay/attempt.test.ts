/** One attempt against servers that offer, refuse, stall and break in all the ways there are. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { testCertificate } from '../../../test/support/relay/certificate.ts';
import { openSink, type Sink, type SinkScript } from '../../../test/support/relay/sink.ts';
import {
  type acme,
  directoryOf,
  MemoryBodies,
  scriptedDns,
  testSettings,
} from '../../../test/support/relay/world.ts';
import type { OutboundJob } from '../../mail/transfer/job.ts';
import type { DeliveryOutcome } from '../../mail/transfer/outcome.ts';
import { testJob } from '../../mail/transfer/testdata.ts';
import { type AttemptPorts, attempt } from './attempt.ts';
import type { Route } from './route.ts';
import { SilentHosts } from './silent-hosts.ts';

const plain = 'From: Ann <ann@acme.example>\r\nSubject: hi\r\n\r\nbody\r\n';
let sinks: Sink[] = [];
let bodies: MemoryBodies;
let failures: unknown[];

beforeEach(() => {
  sinks = [];
  bodies = new MemoryBodies();
  failures = [];
});
afterEach(() => Promise.all(sinks.map((sink) => sink.close())));

async function sinkOf(script: SinkScript = {}): Promise<Sink> {
  const sink = await openSink(script);
  sinks.push(sink);
  return sink;
}

interface Situation {
  readonly text?: string;
  readonly job?: Partial<OutboundJob>;
  readonly route?: Partial<Route>;
  readonly ports?: Partial<AttemptPorts>;
  readonly attemptMs?: number;
}

async function send(sink: Sink, { text = plain, job: change = {}, route, ports, attemptMs }: Situation = {}) {
  const octets = Buffer.from(text, 'latin1');
  const job = testJob(change);
  await bodies.put(job.body.key, octets);
  const to: Route = { name: 'localhost', port: sink.port, implicitTls: false, verifiedTls: false, ...route };
  return attempt(
    { ...job, body: { ...job.body, sizeBytes: octets.length } },
    {
      bodies,
      directory: directoryOf(),
      resolver: scriptedDns({}),
      silentHosts: new SilentHosts(Date.now, testSettings.retry),
      now: Date.now,
      random: Math.random,
      onFailure: (error) => failures.push(error),
      ...ports,
    },
    { ...testSettings, routes: new Map([['remote.example', to]]) },
    AbortSignal.timeout(attemptMs ?? 5000),
  );
}
const brief = (outcomes: readonly (DeliveryOutcome | undefined)[]) =>
  [...new Set(outcomes.map((one) => (one ? `${one.kind} ${one.status}` : 'none')))].join(', ');
const only = (what: string, answer: string) => ({
  reply: (line: string) => (line.startsWith(what) ? answer : undefined),
});

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
      const sink = await sinkOf(script);
      assert.equal(brief(await send(sink)), expected, `case ${i}`);
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
    const sink = await sinkOf(script);
    assert.equal(brief(await send(sink)), expected, script.reply?.toString());
    assert.equal(sink.messages.length, 0);
  }
});

test('any 2xx to MAIL and RCPT is a yes (RFC 5321 4.2.1)', async () => {
  for (const extensions of [['PIPELINING'], []]) {
    const sink = await sinkOf({
      reply: (line) =>
        line.startsWith('MAIL') ? '200 ok' : line.startsWith('RCPT') ? '252 2.1.5 will try' : undefined,
      extensions,
    });
    assert.equal(brief(await send(sink)), 'delivered 2.0.0');
    assert.equal(sink.messages.length, 1);
  }
});

test('without EHLO and without PIPELINING it still goes through', async () => {
  const sink = await sinkOf({ ...only('EHLO', '502 5.5.1 what?') });
  assert.equal(brief(await send(sink)), 'delivered 2.0.0');
  assert.ok(sink.commands.includes('HELO mx.acme.example'));
  const bare = await sinkOf({ extensions: [] });
  assert.equal(brief(await send(bare)), 'delivered 2.0.0');
  assert.ok(bare.commands.includes('MAIL FROM:<ann@acme.example>'));
});

test('a refused recipient does not hinder the others, pipelined or not', async () => {
  for (const extensions of [['PIPELINING'], []]) {
    const sink = await sinkOf({ ...only('RCPT TO:<bob', '550 5.1.1 unknown'), extensions });
    const outcomes = await send(sink);
    assert.deepEqual(
      outcomes.map((one) => one?.kind),
      ['failed', 'delivered'],
    );
    assert.equal(sink.messages.length, 1);
  }
});

test('STARTTLS is used where it is offered, whatever the certificate', async () => {
  const sink = await sinkOf({ tls: await testCertificate('other.example') });
  assert.equal(brief(await send(sink)), 'delivered 2.0.0');
  assert.equal(sink.messages[0]?.encrypted, true);
});

test('a broken handshake or a refused STARTTLS falls back to clear text, but not where TLS is demanded', async () => {
  for (const script of [{ tls: 'broken' }, { tls: 'broken', ...only('STARTTLS', '454 4.7.0 no') }] as const) {
    const sink = await sinkOf(script);
    assert.equal(brief(await send(sink)), 'delivered 2.0.0');
    assert.equal(sink.messages[0]?.encrypted, false);
    const strict = await sinkOf(script);
    assert.equal(brief(await send(strict, { route: { verifiedTls: true } })), 'deferred 4.7.5');
    assert.equal(strict.messages.length, 0);
  }
});

test('a smarthost whose certificate does not fit gets neither password nor mail', async () => {
  const sink = await sinkOf({ tls: await testCertificate('other.example'), extensions: ['AUTH PLAIN'] });
  const credentials = { user: 'u', password: 'p' };
  assert.equal(brief(await send(sink, { route: { verifiedTls: true, credentials } })), 'deferred 4.7.5');
  assert.ok(!sink.commands.some((line) => line.startsWith('AUTH')));
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
    const sink = await sinkOf({ extensions });
    assert.equal(brief(await send(sink, situation)), expected);
    assert.ok(!sink.commands.some((line) => line.startsWith('MAIL')));
  }
});

test('8BITMIME and SMTPUTF8 are said where they are needed; a domain travels as A-label', async () => {
  const sink = await sinkOf({ extensions: ['8BITMIME', 'SMTPUTF8'] });
  const recipients = [{ address: 'bob@b\u00fccher.example', state: 'pending' as const }];
  await send(sink, { text: `${plain}\xc3\xbc\r\n`, job: { smtpUtf8: true, recipients } });
  assert.deepEqual(sink.commands.slice(1, 3), [
    'MAIL FROM:<ann@acme.example> BODY=8BITMIME',
    'RCPT TO:<bob@xn--bcher-kva.example>',
  ]);
  await send(sink, { job: { reversePath: 'j\u00f6rg@acme.example' } });
  assert.ok(
    sink.commands.includes(Buffer.from('MAIL FROM:<j\u00f6rg@acme.example> SMTPUTF8').toString('latin1')),
  );
});

test('a large message streams, and a body that ends early is never passed off as whole', async () => {
  const sink = await sinkOf({ extensions: ['SIZE'] });
  const text = plain + `${'x'.repeat(76)}\r\n`.repeat(40_000);
  assert.equal(brief(await send(sink, { text })), 'delivered 2.0.0');
  assert.equal(sink.messages[0]?.data, text);
  const truncating = new MemoryBodies();
  truncating.stream = (key, start, end) => bodies.stream(key, start, Math.min(end, 2_000_000));
  assert.equal(brief(await send(sink, { text, ports: { bodies: truncating } })), 'deferred 4.3.0');
  assert.match(String(failures[0]), /octets short/);
  assert.equal(sink.messages.length, 1);
});

test('a broken first host is passed over, and a server that drags on is cut off', async () => {
  const good = await sinkOf();
  const resolver = scriptedDns({
    'remote.example': {
      mx: [
        { exchange: 'bad', priority: 1 },
        { exchange: 'good', priority: 2 },
      ],
    },
    bad: { a: ['127.0.0.2'] },
    good: { a: ['127.0.0.1'] },
  });
  const job = testJob();
  await bodies.put(job.body.key, Buffer.from(plain));
  const ports: AttemptPorts = {
    ...{ bodies, directory: directoryOf(), resolver, now: Date.now, random: Math.random },
    silentHosts: new SilentHosts(Date.now, testSettings.retry),
    onFailure: (error) => failures.push(error),
  };
  const sized = { ...job, body: { ...job.body, sizeBytes: plain.length } };
  const settings = { ...testSettings, port: good.port };
  assert.equal(brief(await attempt(sized, ports, settings, AbortSignal.timeout(2000))), 'delivered 2.0.0');
  const slow = await sinkOf(only('MESSAGE', 'hang'));
  assert.equal(brief(await send(slow, { attemptMs: 100 })), 'deferred 4.4.2');
});

/** Two hosts of one domain: `first` (127.0.0.2) by the better preference, then `second` (127.0.0.1), on one port. */
async function sendToTwo(first: SinkScript, second: SinkScript, change: Partial<OutboundJob> = {}) {
  const one = await openSink(first, { host: '127.0.0.2' });
  const other = await openSink(second, { port: one.port });
  sinks.push(one, other);
  const resolver = scriptedDns({
    'remote.example': {
      mx: [
        { exchange: 'first', priority: 1 },
        { exchange: 'second', priority: 2 },
      ],
    },
    first: { a: ['127.0.0.2'] },
    second: { a: ['127.0.0.1'] },
  });
  const job = testJob(change);
  await bodies.put(job.body.key, Buffer.from(plain));
  const ports: AttemptPorts = {
    ...{ bodies, directory: directoryOf(), resolver, now: Date.now, random: Math.random },
    silentHosts: new SilentHosts(Date.now, testSettings.retry),
    onFailure: (error) => failures.push(error),
  };
  const sized = { ...job, body: { ...job.body, sizeBytes: plain.length } };
  const settings = { ...testSettings, port: one.port };
  const outcomes = await attempt(sized, ports, settings, AbortSignal.timeout(5000));
  return { one, other, outcomes };
}

test('who is put off by one host is offered to the next one, alone (RFC 5321 5.1)', async () => {
  for (const later of ['451 4.7.1 greylisted', 'drop'])
    for (const stage of ['MAIL', 'RCPT TO:<eve', 'DATA', 'MESSAGE'] as const) {
      if (later === 'drop' && stage === 'MESSAGE') continue;
      const { one, other, outcomes } = await sendToTwo(only(stage, later), {});
      assert.equal(brief(outcomes), 'delivered 2.0.0', `${stage} ${later}`);
      const single = stage.startsWith('RCPT') && later !== 'drop';
      assert.equal(one.messages.length, single ? 1 : 0);
      const asked = other.commands.filter((line) => line.startsWith('RCPT')).length;
      assert.equal(asked, single ? 1 : 2, `${stage} ${later}`);
    }
});

test('a refusal is final at the first host, and so is a message that may have arrived', async () => {
  for (const [stage, answer, expected] of [
    ['RCPT', '550 5.1.1 unknown', 'failed 5.1.1'],
    ['MESSAGE', '554 5.7.1 spam', 'failed 5.7.1'],
    ['MESSAGE', 'drop', 'deferred 4.4.2'],
    ['MESSAGE', 'hang', 'deferred 4.4.1'],
  ] as const) {
    const { other, outcomes } = await sendToTwo(only(stage, answer), {});
    assert.equal(brief(outcomes), expected);
    assert.deepEqual(other.commands, []);
  }
});

test('a host that takes no mail refuses nothing for good while another one may', async () => {
  const never = only('GREETING', '521 5.3.2 never');
  assert.equal(brief((await sendToTwo(never, never)).outcomes), 'failed 5.3.2');
  assert.equal(brief((await sendToTwo(never, {})).outcomes), 'delivered 2.0.0');
  assert.equal(brief((await sendToTwo(never, only('MAIL', '451 4.3.0 later'))).outcomes), 'deferred 4.3.0');
});

test('a host that let the time run out is left alone by those who come next', async () => {
  const silentHosts = new SilentHosts(Date.now, { delaysMs: [60_000] });
  const ports: Partial<AttemptPorts> = { silentHosts };
  const dead = await sinkOf(only('GREETING', 'hang'));
  const living = await sinkOf();
  assert.equal(brief(await send(dead, { ports })), 'deferred 4.4.1');
  const [next] = await send(dead, { ports });
  assert.equal(next?.kind, 'deferred');
  assert.match(next?.reply ?? '', /^localhost \[127\.0\.0\.1\]: it left us waiting a moment ago/);
  assert.equal(dead.connections, 1);
  assert.equal(brief(await send(living, { ports })), 'delivered 2.0.0');
});

test('a server that takes two recipients at a time gets all of them over one connection', async () => {
  const recipients = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    address: `${name}@remote.example`,
    state: 'pending' as const,
  }));
  for (const extensions of [['PIPELINING'], []]) {
    let taken = 0;
    const sink = await sinkOf({
      extensions,
      reply: (line) => {
        if (line.startsWith('MAIL')) taken = 0;
        return line.startsWith('RCPT') && ++taken > 2 ? '452 4.5.3 too many recipients' : undefined;
      },
    });
    assert.equal(brief(await send(sink, { job: { recipients } })), 'delivered 2.0.0');
    assert.equal(sink.messages.length, 3);
    assert.equal(sink.commands.filter((line) => line.startsWith('EHLO')).length, 1);
  }
});

test('mail from outside that is forwarded is not signed: anybody may have put our domain in From', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const directory = directoryOf([{ selector: 's', algorithm: 'ed25519', privateKey: pem }]);
  const sink = await sinkOf();
  await send(sink, { job: { origin: 'forward', reversePath: 'x@elsewhere.example' }, ports: { directory } });
  await send(sink, { ports: { directory } });
  assert.deepEqual(
    sink.messages.map(({ data }) => /^DKIM-Signature:/m.test(data)),
    [false, true],
  );
});

test('RSA and Ed25519 signatures of the author\u2019s domain verify, over mended line ends too', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed = generateKeyPairSync('ed25519');
  const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const directory = directoryOf([
    { selector: 'r1', algorithm: 'rsa', privateKey: pem(rsa.privateKey) },
    { selector: 'e1', algorithm: 'ed25519', privateKey: pem(ed.privateKey) },
  ]);
  const rsaKey = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const edKey = ed.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
  const zone: Record<string, string> = {
    'r1._domainkey.acme.example': `v=DKIM1; k=rsa; p=${rsaKey}`,
    'e1._domainkey.acme.example': `v=DKIM1; k=ed25519; p=${edKey}`,
  };
  for (const text of [
    plain,
    'From: ann@acme.example\nSubject: x\n\nbare\nlines\rhere',
    plain + 'long '.repeat(300_000),
  ]) {
    const sink = await sinkOf({ extensions: [] });
    assert.equal(brief(await send(sink, { text, ports: { directory } })), 'delivered 2.0.0');
    const { results } = await dkimVerify(Buffer.from(sink.messages[0]?.data ?? '', 'latin1'), {
      resolver: async (name: string) => [[zone[name] ?? '']],
    });
    assert.deepEqual(results.map((one) => [one.status.result, one.signingDomain, one.algo]).sort(), [
      ['pass', 'acme.example', 'ed25519-sha256'],
      ['pass', 'acme.example', 'rsa-sha256'],
    ]);
  }
});

test('no signature for an author of another tenant, and no mail with half of the signatures', async () => {
  const bad = [{ selector: 's', algorithm: 'rsa' as const, privateKey: 'no key' }];
  const sink = await sinkOf();
  assert.equal(brief(await send(sink, { ports: { directory: directoryOf(bad) } })), 'deferred 4.3.0');
  assert.match(String(failures[0]), /DKIM key s/);
  const elsewhere = {
    ...directoryOf(bad),
    domain: async (name: string) => ({ name, tenant: 'zeta' as typeof acme, dkim: bad }),
  };
  assert.equal(brief(await send(sink, { ports: { directory: elsewhere } })), 'delivered 2.0.0');
  assert.doesNotMatch(sink.messages[0]?.data ?? '', /DKIM-Signature/);
});
