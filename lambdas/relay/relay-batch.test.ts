/** Relay and tick as Lambdas on the embedded AWS: queue to function to socket, with a clock that moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type QueryCommandInput, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { TenantId } from '../../core/mail/ids.ts';
import { testJob } from '../../core/mail/transfer/testdata.ts';
import { openSink } from '../../test/support/relay/sink.ts';
import { openWorld, testSettings } from '../../test/support/relay/world.ts';
import { wakeDueJobs } from '../tick/tick.ts';
import { createRelay, type SqsEvent } from './relay-batch.ts';
import { readRelaySettings, relayTimeoutSeconds } from './settings.ts';

const acme = 'acme' as TenantId;
const text = Buffer.from('From: ann@acme.example\r\n\r\nhello\r\n');

test('queue messages are worked on, junk and failures are handed back alone', async (t) => {
  const world = await openWorld();
  const sink = await openSink();
  t.after(() => Promise.all([sink.close(), world.cloud.close()]));
  const route = { name: '127.0.0.1', port: sink.port, implicitTls: false, verifiedTls: false };
  const lines: unknown[] = [];
  const relay = createRelay(world.ports, { ...testSettings, routes: new Map([['*', route]]) }, (line) =>
    lines.push(line),
  );
  const job = testJob();
  await world.bodies.put(job.body.key, text);
  await world.store.enqueue({ ...job, body: { ...job.body, sizeBytes: text.length } });
  const [message] = await world.queued();
  const event: SqsEvent = {
    Records: [
      { messageId: 'good', body: message?.Body ?? '' },
      { messageId: 'copy', body: message?.Body ?? '' },
      { messageId: 'junk', body: '{}' },
      { messageId: 'worse', body: 'no json' },
    ],
  };
  const { batchItemFailures } = await relay(event);
  assert.deepEqual(
    batchItemFailures.map((one) => one.itemIdentifier),
    ['junk', 'worse'],
  );
  assert.equal(sink.messages.length, 1);
  assert.equal(lines.length, 3);
  assert.doesNotMatch(JSON.stringify(lines), /bob@|hello/);
});

test('a lost wake-up is made good by the tick, once', async (t) => {
  const world = await openWorld();
  t.after(() => world.cloud.close());
  for (let i = 0; i < 150; i++) await world.store.enqueue(testJob({ jobId: `job.${i}` }));
  await drain(world);
  const tick = (remainingMs: number) =>
    wakeDueJobs(
      world.store,
      () => world.clock.nowMs,
      () => remainingMs,
    );
  assert.equal(await tick(60_000), 0, 'the queue has its chance first');
  world.clock.nowMs += 60_000;
  assert.equal(await tick(5000), 0, 'no time left');
  assert.equal(await tick(60_000), 150);
  assert.equal(await tick(60_000), 0);
  const woken = await drain(world);
  assert.deepEqual([...new Set(woken)].length, 150);
  const one = await world.store.lease(acme, 'job.0', world.clock.nowMs, 1000);
  assert.ok(one);
});

test('an index that lags behind keeps nobody from being woken', async (t) => {
  const world = await openWorld();
  t.after(() => world.cloud.close());
  for (let i = 0; i < 250; i++) await world.store.enqueue(testJob({ jobId: `job.${i}` }));
  await drain(world);
  world.clock.nowMs += 60_000;
  const stale = await world.dynamo.send(indexQuery(world.clock.nowMs));
  // As DynamoDB does now and then: for a while the index answers what was true when the tick began.
  world.dynamo.middlewareStack.add(
    (next, context) => async (args) => {
      const { KeyConditionExpression, Limit, ExclusiveStartKey, ExpressionAttributeValues } =
        args.input as Partial<QueryCommandInput>;
      if (context.commandName !== 'QueryCommand' || !KeyConditionExpression?.includes('dueShard'))
        return next(args);
      const shard = ExpressionAttributeValues?.[':shard']?.S;
      const all = (stale.Items ?? []).filter((item) => item.dueShard?.S === shard);
      const from = all.findIndex((item) => item.jobId?.S === ExclusiveStartKey?.jobId?.S) + 1;
      const Items = all.slice(from, from + (Limit ?? 1000));
      const last = from + Items.length < all.length ? Items.at(-1) : undefined;
      return { response: {}, output: { $metadata: {}, Items, LastEvaluatedKey: last } };
    },
    { step: 'initialize' },
  );
  const tick = () =>
    wakeDueJobs(
      world.store,
      () => world.clock.nowMs,
      () => 60_000,
    );
  assert.equal(await tick(), 250);
  assert.equal(await tick(), 0);
});

/** The whole index, as a scan reads it. */
function indexQuery(nowMs: number) {
  return new ScanCommand({
    TableName: 'Outbound',
    IndexName: 'due',
    FilterExpression: 'dueAtMs <= :now',
    ExpressionAttributeValues: { ':now': { N: String(nowMs) } },
  });
}

test('settings come from the environment, and a bad one is named', () => {
  const env = {
    POSTFOLD_HOSTNAME: 'MX.Acme.example',
    POSTFOLD_ROUTES: ' a.example=b:26  *=c ',
    POSTFOLD_RETRY: '2s,4s',
  };
  const settings = readRelaySettings(env);
  assert.equal(settings.hostname, 'mx.acme.example');
  assert.deepEqual([...settings.routes.keys()], ['a.example', '*']);
  assert.deepEqual(settings.retry.delaysMs, [2000, 4000]);
  assert.equal(settings.allowPrivate, false);
  assert.ok(settings.attemptMs + 30_000 < relayTimeoutSeconds * 1000);
  assert.throws(() => readRelaySettings({}), /POSTFOLD_HOSTNAME/);
  assert.throws(() => readRelaySettings({ ...env, POSTFOLD_WARN: 'soon' }), /POSTFOLD_WARN/);
});

async function drain(world: Awaited<ReturnType<typeof openWorld>>): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await world.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: world.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map((one) => one.Body ?? ''));
  }
}
