import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openCloud } from './cloud.ts';
import { FakeClock } from './fake-clock.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'cloud-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function bodyFiles(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

test('a large body is one file, which goes with its object', async (t) => {
  const dataDir = newFolder(t);
  const cloud = await openCloud({ dataDir });
  const s3 = new S3Client(cloud.clientConfig);
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
  const at = { Bucket: 'files', Key: 'a/b' };
  await s3.send(new PutObjectCommand({ ...at, Body: 'small' }));
  assert.deepEqual(bodyFiles(dataDir), []);
  await s3.send(new PutObjectCommand({ ...at, Body: 'x'.repeat(300_000) }));
  const [first] = bodyFiles(dataDir);
  await s3.send(new PutObjectCommand({ ...at, Body: 'y'.repeat(300_000) }));
  assert.equal(bodyFiles(dataDir).length, 1);
  assert.notEqual(bodyFiles(dataDir)[0], first);
  await assert.rejects(s3.send(new PutObjectCommand({ ...at, Body: 'z'.repeat(300_000), IfNoneMatch: '*' })));
  await assert.rejects(
    s3.send(new PutObjectCommand({ ...at, Body: 'z'.repeat(300_000), ChecksumCRC32: 'AAAAAA==' })),
  );
  assert.equal(bodyFiles(dataDir).length, 1);
  await s3.send(new DeleteObjectCommand(at));
  assert.deepEqual(bodyFiles(dataDir), []);
  await cloud.close();
});

test('a reader keeps its body while the object is replaced', async (t) => {
  const cloud = await openCloud({ dataDir: newFolder(t) });
  const s3 = new S3Client(cloud.clientConfig);
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
  const at = { Bucket: 'files', Key: 'k' };
  await s3.send(new PutObjectCommand({ ...at, Body: 'a'.repeat(900_000) }));
  const old = await s3.send(new GetObjectCommand(at));
  await s3.send(new PutObjectCommand({ ...at, Body: 'b'.repeat(900_000) }));
  assert.equal(await old.Body?.transformToString(), 'a'.repeat(900_000));
  await cloud.close();
});

test('event invocations survive a new start', async (t) => {
  const dataDir = newFolder(t);
  const before = await openCloud({
    dataDir,
    functions: { f: { handler: async () => assert.fail('down') } },
    clock: new FakeClock(),
  });
  const invoke = new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: '{"n":1}' });
  await new LambdaClient(before.clientConfig).send(invoke);
  await before.close();
  const clock = new FakeClock();
  const events: unknown[] = [];
  const after = await openCloud({
    dataDir,
    clock,
    functions: { f: { handler: async (event) => events.push(event) } },
  });
  await clock.advance(60_000);
  assert.deepEqual(events, [{ n: 1 }]);
  await after.close();
});

test('a data folder has one owner at a time', async (t) => {
  const dataDir = newFolder(t);
  const cloud = await openCloud({ dataDir });
  await assert.rejects(openCloud({ dataDir }), /is in use by another process/);
  await cloud.close();
  await (await openCloud({ dataDir })).close();
});

test('close waits for functions that run', async () => {
  const cloud = await openCloud();
  let ended = false;
  cloud.registerFunction('f', async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended = true;
  });
  const invoked = new LambdaClient(cloud.clientConfig).send(new InvokeCommand({ FunctionName: 'f' }));
  await new Promise((resolve) => setImmediate(resolve));
  await cloud.close();
  assert.equal(ended, true);
  await invoked;
});
