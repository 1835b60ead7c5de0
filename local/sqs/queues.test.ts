import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { openCloud } from '../cloud.ts';
import { FakeClock } from '../fake-clock.ts';
import { Storage } from '../storage.ts';
import type { NewMessage } from './message-table.ts';
import { Queues } from './queues.ts';

async function open(attributes: Record<string, string> = {}, duplicates = () => false) {
  const clock = new FakeClock();
  const storage = new Storage(':memory:');
  const queues = new Queues(storage, clock, duplicates);
  await queues.create('q', attributes);
  const queue = queues.get('q');
  let sent = 0;
  const send = async (more: Partial<NewMessage> = {}) => {
    const nowMs = clock.now();
    const message = {
      id: `m${++sent}`,
      body: 'x',
      attributes: {},
      groupId: '',
      sentMs: nowMs,
      visibleMs: nowMs,
    };
    await storage.write(() => queues.messages.add('q', { ...message, ...more }));
    queues.wake(queue);
  };
  const receive = async (limit = 10, waitSeconds = 0, signal?: AbortSignal) => {
    const taken = await queues.receive(queue, { limit, visibilitySeconds: 30, waitSeconds }, signal);
    return taken.map(({ id }) => id);
  };
  return { clock, storage, queues, queue, send, receive };
}

test('a message is hidden for its visibility timeout, to the millisecond', async () => {
  const { clock, send, receive } = await open();
  await send();
  assert.deepEqual(await receive(), ['m1']);
  await clock.advance(29_999);
  assert.deepEqual(await receive(), []);
  await clock.advance(1);
  assert.deepEqual(await receive(), ['m1']);
});

test('a delayed message wakes a long poll when its time comes', async () => {
  const { clock, send, receive } = await open();
  await send({ visibleMs: clock.now() + 5000 });
  let got: readonly string[] | undefined;
  void receive(10, 20).then((ids) => {
    got = ids;
  });
  await clock.advance(4999);
  assert.equal(got, undefined);
  await clock.advance(1);
  assert.deepEqual(got, ['m1']);
  assert.equal(clock.waiting, 0);
});

test('a long poll ends empty at its deadline, or when the caller goes', async () => {
  const { clock, send, receive } = await open();
  const ended = receive(10, 20);
  await clock.advance(20_000);
  assert.deepEqual(await ended, []);
  const gone = new AbortController();
  const aborted = receive(10, 20, gone.signal);
  gone.abort();
  assert.deepEqual(await aborted, []);
  await send();
  assert.deepEqual(await receive(), ['m1']);
  assert.equal(clock.waiting, 0);
});

test('polls are served in the order they came', async () => {
  const { send, receive } = await open();
  const first = receive(1, 20);
  const second = receive(1, 20);
  await send();
  assert.deepEqual(await first, ['m1']);
  await send();
  assert.deepEqual(await second, ['m2']);
});

test('messages past their retention are gone', async () => {
  const { clock, send, receive } = await open({ MessageRetentionPeriod: '60' });
  await send();
  await clock.advance(60_000);
  await send();
  assert.deepEqual(await receive(), ['m2']);
});

test('a quiet group is served before the backlog of a noisy one', async () => {
  const { send, receive } = await open();
  for (let n = 0; n < 60; n++) await send({ id: `noisy${n}`, groupId: 'noisy' });
  for (let n = 0; n < 3; n++) await receive();
  await send({ id: 'quiet1', groupId: 'quiet' });
  await send({ id: 'loose' });
  await send({ id: 'quiet2', groupId: 'other' });
  assert.deepEqual(await receive(4), ['quiet1', 'loose', 'quiet2', 'noisy30']);
});

test('without a noisy group the order is that of sending', async () => {
  const { send, receive } = await open();
  for (const groupId of ['b', 'a', 'b']) await send({ groupId });
  assert.deepEqual(await receive(), ['m1', 'm2', 'm3']);
});

test('an injected duplicate is delivered again at once', async () => {
  let left = 1;
  const { send, receive } = await open({}, () => left-- > 0);
  await send();
  assert.deepEqual(await receive(), ['m1']);
  assert.deepEqual(await receive(), ['m1']);
  assert.deepEqual(await receive(), []);
});

test('queues and messages survive a new start on the same database', async () => {
  const { storage, clock, send } = await open({ VisibilityTimeout: '77' });
  await send();
  const again = new Queues(storage, clock, () => false);
  const queue = again.get('q');
  assert.equal(queue.settings.visibilitySeconds, 77);
  const taken = await again.receive(queue, { limit: 1, visibilitySeconds: 1, waitSeconds: 0 });
  assert.equal(taken[0]?.id, 'm1');
});

test('each delivery may be hidden for twelve hours of its own', async () => {
  const clock = new FakeClock();
  const cloud = await openCloud({ clock });
  const sqs = new SQSClient(cloud.clientConfig);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const receive = async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    return Messages?.[0]?.ReceiptHandle;
  };
  const hide = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
  for (let delivery = 0; delivery < 3; delivery++) {
    const handle = await receive();
    await clock.advance(10_000);
    await assert.rejects(hide(handle, 43_200), /43200 seconds/);
    await hide(handle, 43_190);
    await clock.advance(43_190_000);
  }
  await cloud.close();
});

test('a poll that begins after the end is answered at once', async () => {
  const { queues, receive, clock } = await open();
  queues.close();
  assert.deepEqual(await receive(1, 20), []);
  assert.equal(clock.waiting, 0);
});

test('with thousands in flight a quiet group still goes before a noisy one', async () => {
  const { storage, queues, queue, send, receive, clock } = await open();
  await storage.write(() => {
    for (let n = 0; n < 2500; n++) {
      const ms = clock.now();
      const noisy = { id: `n${n}`, body: 'x', attributes: {}, groupId: 'noisy', sentMs: ms, visibleMs: ms };
      queues.messages.add(queue.name, noisy);
    }
  });
  for (let n = 0; n < 220; n++) await receive();
  await send({ groupId: 'quiet' });
  assert.deepEqual(await receive(1), ['m1']);
  await clock.advance(30_000);
  assert.equal((await receive()).length, 10, 'none is in flight any more');
});
