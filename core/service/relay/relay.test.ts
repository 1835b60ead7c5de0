/** The relay on the embedded AWS against real sockets: outcomes, retries, bounces, repetitions. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openSink, type Sink } from '../../../test/support/relay/sink.ts';
import { acme, bounceText, openWorld, testSettings } from '../../../test/support/relay/world.ts';
import type { OutboundJob } from '../../mail/transfer/job.ts';
import { testJob } from '../../mail/transfer/testdata.ts';
import { relayJob } from './relay.ts';

const message = Buffer.from('From: ann@acme.example\r\nSubject: hi\r\n\r\n.dot\r\nbody\r\n');
let sink: Sink;
let world: Awaited<ReturnType<typeof openWorld>>;
let settings: typeof testSettings;

beforeEach(async () => {
  sink = await openSink();
  world = await openWorld();
  const route = { name: '127.0.0.1', port: sink.port, implicitTls: false, verifiedTls: false };
  settings = { ...testSettings, routes: new Map([['remote.example', route]]) };
});

afterEach(async () => {
  await sink.close();
  await world.cloud.close();
});

/** A job with its body in place, queued. */
async function queueJob(change: Partial<OutboundJob> = {}): Promise<OutboundJob> {
  const job = testJob({ ...change });
  const sized = { ...job, body: { ...job.body, sizeBytes: message.length } };
  await world.bodies.put(job.body.key, message);
  await world.store.enqueue(sized);
  return sized;
}

const run = (job: OutboundJob) => relayJob(acme, job.jobId, world.ports, settings);
const stored = async (job: OutboundJob) => (await world.store.get(acme, job.jobId)) as OutboundJob;

test('a message is delivered once, byte for byte, and the job is done', async () => {
  const job = await queueJob();
  assert.equal((await run(job)).kind, 'settled');
  assert.equal((await run(job)).kind, 'idle');
  assert.equal(sink.messages.length, 1);
  assert.equal(sink.messages[0]?.data, message.toString());
  assert.deepEqual(sink.messages[0]?.commands.slice(1), [
    `MAIL FROM:<ann@acme.example> SIZE=${message.length}`,
    'RCPT TO:<bob@remote.example>',
    'RCPT TO:<eve@remote.example>',
    'DATA',
  ]);
  const end = await stored(job);
  assert.equal(end.state, 'done');
  assert.deepEqual(
    end.recipients.map((one) => [one.state, one.lastReply]),
    [
      ['delivered', '250 2.0.0 queued'],
      ['delivered', '250 2.0.0 queued'],
    ],
  );
  assert.deepEqual(world.bounces, []);
});

test('two relays at once: one delivers', async () => {
  const job = await queueJob();
  const kinds = (await Promise.all([run(job), run(job), run(job)])).map((one) => one.kind).sort();
  assert.deepEqual(kinds, ['idle', 'idle', 'settled']);
  assert.equal(sink.messages.length, 1);
});

test('mixed recipients: one delivered, one bounced at once, one tried again alone', async () => {
  const addresses = ['bob', 'eve', 'joe'].map((name) => ({
    address: `${name}@remote.example`,
    state: 'pending' as const,
  }));
  const job = await queueJob({ recipients: addresses });
  sink.script = {
    reply: (what) =>
      what.includes('<eve@')
        ? '550 5.1.1 unknown'
        : what.includes('<joe@')
          ? '450 4.2.0 greylisted'
          : undefined,
  };
  await run(job);
  const between = await stored(job);
  assert.deepEqual(
    between.recipients.map((one) => one.state),
    ['delivered', 'failed', 'pending'],
  );
  assert.equal(world.bounces.length, 1);
  assert.match(bounceText(world.bounces[0]), /Final-Recipient: rfc822; eve@remote\.example/);
  assert.doesNotMatch(bounceText(world.bounces[0]), /joe@|bob@/);
  assert.equal((await run(job)).kind, 'idle', 'not due yet');
  world.clock.nowMs += 2000;
  sink.script = {};
  await run(job);
  assert.deepEqual(
    sink.messages.map((one) => one.commands.filter((line) => line.startsWith('RCPT')).length),
    [3, 1],
  );
  assert.equal((await stored(job)).state, 'failed');
  assert.equal(world.bounces.length, 1);
});

test('a host that is down: warned once after the warning time, bounced at expiry, woken by the queue', async () => {
  await sink.close();
  const job = await queueJob({ expiresAtMs: 1_000_000 + 20_000 });
  settings = { ...settings, retry: { ...settings.retry, warnAfterMs: 5000 } };
  let attempts = 0;
  while ((await stored(job)).state === 'queued') {
    const due = (await stored(job)).dueAtMs ?? 0;
    world.clock.nowMs = Math.max(world.clock.nowMs, due);
    assert.equal((await run(job)).kind, 'settled');
    assert.ok(++attempts < 10);
  }
  assert.deepEqual(
    world.bounces.map((one) => /^Action: .*$/m.exec(bounceText(one))?.[0].trim()),
    ['Action: delayed', 'Action: failed'],
  );
  const [, last] = world.bounces;
  assert.match(bounceText(last), /127\.0\.0\.1: the connection was refused[\s\S]*Status: 4\.4\.7/);
  assert.equal(last?.reversePath, '');
  assert.deepEqual(
    last?.recipients[0]?.local.map((one) => one.account.account),
    ['a1'],
  );
  assert.equal(world.clock.nowMs, 1_020_000, 'the last attempt is at the expiry');
  const woken = (await stored(job)).attempts;
  assert.equal(woken, attempts);
});

test('a relay that crashed holds the job for its lease only', async () => {
  const job = await queueJob();
  assert.ok(await world.store.lease(acme, job.jobId, world.clock.nowMs, settings.leaseMs));
  assert.equal((await run(job)).kind, 'idle');
  world.clock.nowMs += settings.leaseMs;
  assert.equal((await run(job)).kind, 'settled');
  assert.equal(sink.messages.length, 1);
});

test('a crash between the notification and its record: told again as the same one, nobody tried again', async () => {
  const addresses = ['eve', 'joe', 'bob'].map((name) => ({
    address: `${name}@remote.example`,
    state: 'pending' as const,
  }));
  const job = await queueJob({ recipients: addresses });
  sink.script = {
    reply: (what) =>
      what.includes('<eve@')
        ? '550 5.1.1 unknown'
        : what.includes('<joe@')
          ? '450 4.2.0 greylisted'
          : undefined,
  };
  const { ingest } = world.ports;
  const crashing: typeof world.ports = {
    ...world.ports,
    ingest: async (event) => {
      const result = await ingest(event);
      // The process is dead: whatever it does from here on comes too late.
      await world.store.lease(acme, job.jobId, world.clock.nowMs + 10 * settings.leaseMs, 1);
      return result;
    },
  };
  assert.equal((await relayJob(acme, job.jobId, crashing, settings)).kind, 'lost');
  assert.equal(world.bounces.length, 1);
  sink.script = {};
  world.clock.nowMs += 10 * settings.leaseMs + 1;
  await run(job);
  assert.deepEqual(
    (await stored(job)).recipients.map((one) => one.state),
    ['failed', 'delivered', 'delivered'],
  );
  assert.equal((await stored(job)).state, 'failed');
  assert.equal(world.bounces.length, 2);
  assert.equal(world.bounces[0]?.messageId, world.bounces[1]?.messageId);
  assert.match(
    world.bounces[0]?.messageId ?? '',
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.deepEqual(
    sink.messages.map(({ commands }) => commands.filter((line) => line.startsWith('RCPT')).length),
    [3, 1],
    'who was delivered or refused before the crash is not tried again',
  );
});

test('a lease lost before the outcome is written down: nobody is told, the other one tells', async () => {
  const job = await queueJob();
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '550 5.1.1 no' : undefined) };
  const { note } = world.store;
  world.store.note = async (...args) => {
    await world.store.lease(acme, job.jobId, world.clock.nowMs + settings.leaseMs, 1);
    world.store.note = note;
    return world.store.note(...args);
  };
  assert.equal((await run(job)).kind, 'lost');
  assert.equal(world.bounces.length, 0);
  world.clock.nowMs += settings.leaseMs + 1;
  await run(job);
  assert.equal(world.bounces.length, 1);
});

test('a delay whose telling was cut off is told again as the same one, and not for who was delivered since', async () => {
  settings = { ...settings, retry: { ...settings.retry, warnAfterMs: 1 } };
  const job = await queueJob();
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '450 4.2.0 later' : undefined) };
  const { ingest } = world.ports;
  const losing: typeof world.ports = {
    ...world.ports,
    ingest: async (event) => {
      await ingest(event);
      throw new Error('the answer was lost');
    },
  };
  world.clock.nowMs += 1000;
  await relayJob(acme, job.jobId, losing, settings);
  world.clock.nowMs += 60_000;
  await relayJob(acme, job.jobId, losing, settings);
  assert.equal(world.bounces.length, 2);
  assert.equal(new Set(world.bounces.map(({ messageId }) => messageId)).size, 1);
  sink.script = { reply: (what) => (what.includes('<eve@') ? '450 4.2.0 later' : undefined) };
  world.clock.nowMs += 60_000;
  await relayJob(acme, job.jobId, losing, settings);
  world.clock.nowMs += 60_000;
  await run(job);
  assert.equal((await stored(job)).owed, undefined);
  assert.doesNotMatch(bounceText(world.bounces.at(-1)), /Final-Recipient: rfc822; bob@/);
  assert.equal(new Set(world.bounces.map(({ messageId }) => messageId)).size, 1);
});

test('a sender who cannot be told keeps nobody from being tried, and not for ever', async () => {
  const job = await queueJob();
  sink.script = {
    reply: (what) =>
      what.includes('<eve@') ? '550 5.1.1 no' : what.includes('<bob@') ? '450 4.2.0 later' : undefined,
  };
  world.answers.ingest = async () => ({ code: 452, status: '4.2.2', text: 'Mailbox full' });
  await run(job);
  sink.script = {};
  world.clock.nowMs += 60_000;
  await run(job);
  assert.deepEqual(
    (await stored(job)).recipients.map((one) => one.state),
    ['delivered', 'failed'],
  );
  for (let round = 0; (await stored(job)).state === 'queued'; round++) {
    assert.ok(round < 100, 'it is given up');
    world.clock.nowMs += 4 * 3_600_000;
    await run(job);
  }
  assert.equal((await stored(job)).state, 'failed');
  assert.equal(sink.messages.length, 1);
});

test('when the bounce cannot be stored, what was delivered is not sent again and the failure is told later', async () => {
  const job = await queueJob();
  sink.script = { reply: (what) => (what.includes('<eve@') ? '550 5.1.1 no' : undefined) };
  const { ingest } = world.answers;
  world.answers.ingest = async () => {
    throw new Error('storage is away');
  };
  await run(job);
  assert.deepEqual(
    (await stored(job)).recipients.map((one) => one.state),
    ['delivered', 'failed'],
  );
  assert.equal((await stored(job)).state, 'queued', 'somebody is still to be told');
  assert.equal(world.failures.length, 1);
  world.answers.ingest = ingest;
  world.clock.nowMs += 5000;
  await run(job);
  assert.equal((await stored(job)).state, 'failed');
  assert.equal(world.bounces.length, 1);
  assert.equal(sink.messages.length, 1);
});

test('a round that comes after the time to tell of it is told all the same when the first try fails', async () => {
  const job = await queueJob();
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '450 4.2.0 not today' : undefined) };
  const { ingest } = world.answers;
  world.answers.ingest = async () => {
    throw new Error('storage is away');
  };
  world.clock.nowMs += 2 * settings.retry.expiryMs;
  await run(job);
  assert.equal((await stored(job)).state, 'queued', 'somebody is still to be told');
  world.answers.ingest = ingest;
  world.clock.nowMs += 60_000;
  await run(job);
  assert.equal((await stored(job)).state, 'failed');
  assert.equal(world.bounces.length, 1);
});

test('a bounce whose answer was lost is told again as the same one, and its recipients are not tried again', async () => {
  const job = await queueJob();
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '550 5.1.1 no' : undefined) };
  const { ingest } = world.ports;
  const losing: typeof world.ports = {
    ...world.ports,
    ingest: async (event) => {
      await ingest(event);
      throw new Error('the answer was lost');
    },
  };
  await relayJob(acme, job.jobId, losing, settings);
  sink.script = {};
  for (let round = 0; round < 2; round++) {
    world.clock.nowMs += 60_000;
    await relayJob(acme, job.jobId, round === 0 ? losing : world.ports, settings);
  }
  assert.equal((await stored(job)).state, 'failed');
  assert.equal((await stored(job)).owed, undefined);
  assert.equal(sink.messages.length, 0, 'what was reported as failed is not delivered');
  assert.equal(world.bounces.length, 3);
  assert.equal(new Set(world.bounces.map(({ messageId }) => messageId)).size, 1);
});

test('a notification names what the sender wrote, where an alias led on (RFC 3464 2.3.1)', async () => {
  const recipients = [
    { address: 'bob@remote.example', originalAddress: 'team@acme.example', state: 'pending' as const },
  ];
  const job = await queueJob({ recipients });
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '450 4.2.0 later' : undefined) };
  await run(job);
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '550 5.1.1 no' : undefined) };
  world.clock.nowMs += 60_000;
  await run(job);
  const text = bounceText(world.bounces[0]);
  assert.match(text, /^Original-Recipient: rfc822; team@acme\.example\r\nFinal-Recipient: rfc822; bob@/m);
  assert.match(text, /bob@remote\.example \(for team@acme\.example\)/);
});

test('a null reverse-path is never answered', async () => {
  const job = await queueJob({ reversePath: '', origin: 'bounce' });
  sink.script = { reply: (what) => (what.startsWith('RCPT') ? '550 5.1.1 no' : undefined) };
  await run(job);
  assert.equal((await stored(job)).state, 'failed');
  assert.deepEqual(world.bounces, []);
  assert.ok(sink.commands.includes(`MAIL FROM:<> SIZE=${message.length}`));
});

test('a body that is gone ends the job with a bounce without header', async () => {
  const job = await queueJob();
  await world.bodies.delete([job.body.key]);
  await run(job);
  assert.equal((await stored(job)).state, 'failed');
  assert.match(bounceText(world.bounces[0]), /no longer stored/);
});

test('what a delivered message costs in requests', async () => {
  const before = world.cloud.meter.snapshot();
  const job = await queueJob();
  await run(job);
  const { rows } = world.cloud.meter.since(before);
  assert.deepEqual(Object.fromEntries(rows.map((row) => [row.operation, [row.calls, row.writeUnits]])), {
    PutItem: [2, 4],
    UpdateItem: [1, 1],
    SendMessage: [1, 0],
  });
  assert.equal(world.bodies.reads, 1);
});
