import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { openCloud } from './cloud.ts';
import { FakeClock } from './fake-clock.ts';
import { Faults } from './faults.ts';

async function open(maxAttempts: number) {
  const clock = new FakeClock();
  const cloud = await openCloud({ clock, seed: 7 });
  const config = { ...cloud.clientConfig, maxAttempts };
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'faults' }));
  const put = (Key: string) =>
    s3.send(new PutObjectCommand({ Bucket: 'faults', Key, Body: 'x', IfNoneMatch: '*' }));
  return { cloud, clock, s3, sqs: new SQSClient(config), put };
}

test('a throttle applies nothing and the SDK tries again by itself', async () => {
  const { cloud, put } = await open(2);
  const stop = cloud.faults.add({ kind: 'throttle', service: 's3', operation: 'PutObject', times: 1 });
  await put('a');
  assert.equal(stop(), 1);
  await cloud.close();
});

test('a throttle and a 500 have the words of their service', async () => {
  const { cloud, put, sqs } = await open(1);
  cloud.faults.add({ kind: 'throttle', service: 's3', times: 1 });
  await assert.rejects(put('a'), { name: 'SlowDown' });
  cloud.faults.add({ kind: 'error', service: 's3', times: 1 });
  await assert.rejects(put('a'), { name: 'InternalError' });
  cloud.faults.add({ kind: 'throttle', service: 'sqs', times: 1 });
  await assert.rejects(sqs.send(new CreateQueueCommand({ QueueName: 'q' })), { name: 'RequestThrottled' });
  cloud.faults.add({ kind: 'throttle', service: 'dynamodb', times: 1 });
  const dynamodb = new DynamoDBClient({ ...cloud.clientConfig, maxAttempts: 1 });
  await assert.rejects(dynamodb.send(new ListTablesCommand({})), {
    name: 'ProvisionedThroughputExceededException',
  });
  cloud.faults.add({ kind: 'conflict', times: 1 });
  await assert.rejects(put('a'), { name: 'ConditionalRequestConflict' });
  await put('a');
  await cloud.close();
});

test('a lost answer was applied: the retry meets its own write', async () => {
  const { cloud, put, s3 } = await open(1);
  cloud.faults.add({ kind: 'lost', operation: 'PutObject', nth: 1 });
  await assert.rejects(put('a'), { code: 'ECONNRESET' });
  await assert.rejects(put('a'), { name: 'PreconditionFailed' });
  await s3.send(new GetObjectCommand({ Bucket: 'faults', Key: 'a' }));
  await cloud.close();
});

test('a timeout breaks the connection after its delay, with nothing applied', async () => {
  const { cloud, clock, put } = await open(1);
  cloud.faults.add({ kind: 'timeout', operation: 'PutObject', delayMs: 5000, times: 1 });
  const failed = assert.rejects(put('a'), { name: 'TimeoutError' });
  await clock.advance(5000);
  await failed;
  await put('a');
  await cloud.close();
});

test('a duplicate delivers a message twice', async () => {
  const { cloud, sqs } = await open(1);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  cloud.faults.add({ kind: 'duplicate', times: 1 });
  const seen: (string | undefined)[] = [];
  for (let n = 0; n < 3; n++) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    seen.push(Messages?.[0]?.Body);
  }
  assert.deepEqual(seen, ['x', 'x', undefined]);
  await cloud.close();
});

test('the same seed draws the same faults', () => {
  const draws = (seed: number) => {
    const faults = new Faults(seed);
    faults.add({ kind: 'error', probability: 0.3 });
    return Array.from({ length: 100 }, () => faults.draw({ service: 's3', operation: 'GetObject' }).kind);
  };
  assert.deepEqual(draws(1), draws(1));
  assert.notDeepEqual(draws(1), draws(2));
  const struck = draws(3).filter((kind) => kind === 'error').length;
  assert.ok(struck > 15 && struck < 45, String(struck));
});

test('latencies have the median of their operation and a long tail', () => {
  const faults = new Faults(1);
  const identity = { service: 'dynamodb', operation: 'PutItem' } as const;
  assert.equal(faults.draw(identity).delayMs, 0);
  faults.setLatencies(true);
  const delays = Array.from({ length: 2000 }, () => faults.draw(identity).delayMs).sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor(delays.length * share)] ?? 0;
  assert.ok(at(0.5) > 3.5 && at(0.5) < 4.5, String(at(0.5)));
  assert.ok(at(0.99) > 10 && at(0.99) < 20, String(at(0.99)));
});
