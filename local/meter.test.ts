import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openCloud } from './cloud.ts';
import { FakeClock } from './fake-clock.ts';
import { Meter, newUsage } from './meter.ts';

test('a bill has one row per operation, tenant and tag, at the price of the request', async () => {
  const cloud = await openCloud();
  const s3 = new S3Client({ ...cloud.clientConfig, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'bill' }));
  const before = cloud.meter.snapshot();
  await cloud.meter.tagged('receive', async () => {
    for (const Key of ['acme/1', 'acme/2'])
      await s3.send(new PutObjectCommand({ Bucket: 'bill', Key, Body: 'four' }));
  });
  const got = await s3.send(new GetObjectCommand({ Bucket: 'bill', Key: 'acme/1' }));
  await got.Body?.transformToString();
  const { rows, usd } = cloud.meter.since(before);
  const brief = rows.map(({ operation, resource, tenant, tag, requests, bytesIn, bytesOut }) => {
    return [operation, resource, tenant, tag, requests, bytesIn, bytesOut];
  });
  assert.deepEqual(brief, [
    ['PutObject', 'bill', 'acme', 'receive', 2, 8, 0],
    ['GetObject', 'bill', 'acme', '', 1, 0, 4],
  ]);
  assert.ok(Math.abs(usd - (2 * 5 + 0.4) / 1e6) < 1e-12);
  await cloud.close();
});

test('SQS bills each 64 KB, Lambda its memory times its time', async () => {
  const clock = new FakeClock();
  const cloud = await openCloud({ clock });
  const sqs = new SQSClient(cloud.clientConfig);
  const lambda = new LambdaClient(cloud.clientConfig);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  cloud.registerFunction('f', () => new Promise((resolve) => clock.after(2000, () => resolve(1))), {
    memoryMb: 512,
  });
  const before = cloud.meter.snapshot();
  await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(150_000), MessageGroupId: 'acme' }),
  );
  const invoked = lambda.send(new InvokeCommand({ FunctionName: 'f' }));
  await clock.advance(2000);
  await invoked;
  const [send, invoke] = cloud.meter.since(before).rows;
  assert.deepEqual([send?.operation, send?.tenant, send?.requests], ['SendMessage', 'acme', 3]);
  assert.deepEqual([invoke?.operation, invoke?.durationMs], ['Invoke', 2000]);
  assert.ok(Math.abs((invoke?.usd ?? 0) - (0.2 / 1e6 + 0.0000133334)) < 1e-12);
  await cloud.close();
});

test('what AWS failed to serve is counted and not billed', () => {
  const meter = new Meter();
  meter.record('dynamodb', { ...newUsage('PutItem'), writeUnits: 3 }, 500);
  meter.record('dynamodb', { ...newUsage('PutItem'), writeUnits: 3 }, 400);
  const [row] = meter.since().rows;
  assert.deepEqual([row?.calls, row?.errors, row?.writeUnits], [2, 2, 3]);
});

test('a flood of tenants and tags does not grow the meter without end, and nothing goes uncounted', () => {
  const meter = new Meter();
  const calls = 60_000;
  for (let n = 0; n < calls; n++) {
    meter.record('s3', { ...newUsage('PutObject'), resource: 'b', tenant: `t${n}` }, 200);
  }
  const { rows } = meter.since();
  assert.ok(rows.length <= 50_001);
  assert.equal(
    rows.reduce((sum, row) => sum + row.calls, 0),
    calls,
  );
});
