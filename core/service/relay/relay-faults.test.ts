/**
 * Many jobs through a bad day, from a printed seed: errors, lost answers, doubled queue
 * messages, servers that refuse now and then. In the end each message was delivered once or its
 * sender was told, and nothing is left in the queue.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { openSink } from '../../../test/support/relay/sink.ts';
import { acme, bounceText, openWorld, testSettings } from '../../../test/support/relay/world.ts';
import { testJob } from '../../mail/transfer/testdata.ts';
import { relayJob } from './relay.ts';

const seed = Number(process.env.SEED ?? 4711);
const jobs = 24;
const text = Buffer.from('From: ann@acme.example\r\n\r\nhello\r\n');

/** 0 <= x < 1, the same for the same seed. */
function chances(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`a bad day, seed ${seed}`, async (t) => {
  const world = await openWorld({ seed });
  const random = chances(seed);
  const sink = await openSink({
    reply: (what) => {
      if (what.startsWith('RCPT TO:<dead')) return '550 5.1.1 unknown';
      if (!/^(MAIL|RCPT|DATA|MESSAGE)/.test(what)) return undefined;
      return random() < 0.1 ? '451 4.3.0 try later' : undefined;
    },
  });
  t.after(() => Promise.all([sink.close(), world.cloud.close()]));
  const route = { name: '127.0.0.1', port: sink.port, implicitTls: false, verifiedTls: false };
  const settings = { ...testSettings, routes: new Map([['*', route]]), leaseMs: 60_000 };
  for (const kind of ['lost', 'error'] as const)
    for (const service of ['dynamodb', 'sqs'] as const)
      world.cloud.faults.add({ kind, service, probability: 0.04 });
  world.cloud.faults.add({ kind: 'duplicate', service: 'sqs', probability: 0.2 });
  await Promise.all(Array.from({ length: jobs }, (_, i) => queueJob(i)));
  const open = async () => (await world.store.list(acme, 100)).filter((job) => job.state === 'queued').length;
  let rounds = 0;
  for (; (await open()) > 0; rounds++) {
    assert.ok(rounds < 200, 'it ends');
    const messages = await world.queued();
    await Promise.all(messages.map((message) => work(message)));
    if (messages.length > 0) continue;
    await pause(5);
    world.clock.nowMs += 30_000;
    for (const { tenant, jobId } of await world.store.due(world.clock.nowMs, 100).catch(() => []))
      await world.store.wake(tenant, jobId, 0).catch(() => undefined);
  }

  async function queueJob(i: number): Promise<void> {
    const address = `${i % 8 === 0 ? 'dead' : 'user'}${i}@remote.example`;
    const job = testJob({ jobId: `job.${i}`, recipients: [{ address, state: 'pending' }] });
    await world.bodies.put(job.body.key, text);
    await world.store.enqueue({ ...job, body: { ...job.body, sizeBytes: text.length } });
  }

  /** As the event source does: deleted when it went well, else visible again after its time. */
  async function work(message: Awaited<ReturnType<typeof world.queued>>[number]): Promise<void> {
    const { jobId } = JSON.parse(message.Body ?? '') as { jobId: string };
    try {
      await relayJob(acme, jobId, { ...world.ports, random }, settings);
    } catch {
      return;
    }
    const { ReceiptHandle } = message;
    await world.sqs
      .send(new DeleteMessageCommand({ QueueUrl: world.queueUrl, ReceiptHandle }))
      .catch(() => undefined);
  }

  const delivered = sink.messages.map((one) => /RCPT TO:<(.*)>/.exec(one.commands.join())?.[1]).sort();
  const expected = Array.from({ length: jobs }, (_, i) => i)
    .filter((i) => i % 8 !== 0)
    .map((i) => `user${i}@remote.example`);
  assert.deepEqual(delivered, expected.sort(), `rounds ${rounds}`);
  const told = world.bounces.map((event) => /Final-Recipient: rfc822; (\S+)/.exec(bounceText(event))?.[1]);
  const deadOnes = Array.from({ length: jobs / 8 }, (_, i) => `dead${i * 8}@remote.example`);
  assert.deepEqual([...new Set(told)].sort(), deadOnes.sort());
  assert.equal(new Set(world.bounces.map((one) => one.messageId)).size, deadOnes.length, 'once each');
});
