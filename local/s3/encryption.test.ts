import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketEncryptionCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openCloud } from '../cloud.ts';

const Bucket = 'kept';
const byKms = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } };
const encrypt = new PutBucketEncryptionCommand({
  Bucket,
  ServerSideEncryptionConfiguration: { Rules: [byKms] },
});

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'encryption-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function run<Result>(dataDir: string, work: (s3: S3Client) => Promise<Result>): Promise<Result> {
  const cloud = await openCloud({ dataDir });
  try {
    return await work(new S3Client(cloud.clientConfig));
  } finally {
    await cloud.close();
  }
}

test('a default and the ETags made under it are kept over a new start', async (t) => {
  const dataDir = newFolder(t);
  const etag = await run(dataDir, async (s3) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(encrypt);
    return (await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'a' }))).ETag;
  });
  await run(dataDir, async (s3) => {
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    assert.deepEqual([head.ETag, head.ServerSideEncryption], [etag, 'aws:kms']);
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'new', Body: 'a' }));
    assert.equal(put.ServerSideEncryption, 'aws:kms');
  });
});

test('a folder from before there was encryption has SSE-S3, and keeps its ETags when that changes', async (t) => {
  const dataDir = newFolder(t);
  const etag = await run(dataDir, async (s3) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    return (await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'a' }))).ETag;
  });
  const db = new DatabaseSync(join(dataDir, 'aws.db'));
  db.exec(`DROP TABLE s3_encryption; UPDATE s3_objects SET headers = '{"content-type":"a/b"}'`);
  db.close();
  await run(dataDir, async (s3) => {
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const rule = ServerSideEncryptionConfiguration?.Rules?.[0];
    assert.equal(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256');
    await s3.send(encrypt);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    assert.deepEqual([head.ETag, head.ServerSideEncryption], [etag, 'AES256']);
  });
});

test('a bucket that goes takes its default along', async (t) => {
  await run(newFolder(t), async (s3) => {
    for (const _ of [1, 2]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      const put = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
      const rule = put.ServerSideEncryptionConfiguration?.Rules?.[0];
      assert.equal(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256');
      await s3.send(encrypt);
      await s3.send(new DeleteBucketCommand({ Bucket }));
    }
  });
});

test('what of encryption is not here says so, and nonsense is refused', async () => {
  const cloud = await openCloud();
  const ask = async (path: string, query: string, body: string, headers: Record<string, string> = {}) => {
    const sent = { path, query: new URLSearchParams(query), headers, body: Buffer.from(body) };
    const answer = await cloud.dispatch({ method: 'PUT', ...sent });
    return answer.body instanceof Uint8Array ? Buffer.from(answer.body).toString() : '';
  };
  const set = (rule: string) =>
    ask(
      '/none',
      'encryption',
      `<ServerSideEncryptionConfiguration><Rule>${rule}</Rule></ServerSideEncryptionConfiguration>`,
    );
  const algorithm = (name: string) =>
    `<ApplyServerSideEncryptionByDefault><SSEAlgorithm>${name}</SSEAlgorithm></ApplyServerSideEncryptionByDefault>`;
  await ask('/none', '', '');
  const dual = { 'x-amz-server-side-encryption': 'aws:kms:dsse' };
  assert.match(await ask('/none/k', '', 'x', dual), /NotImplemented/);
  assert.match(await set(algorithm('aws:kms:dsse')), /NotImplemented/);
  const blocked = '<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>';
  assert.match(await set(algorithm('AES256') + blocked), /NotImplemented/);
  assert.match(await set(algorithm('aes256')), /MalformedXML/);
  assert.match(await set(`${algorithm('AES256')}<BucketKeyEnabled>maybe</BucketKeyEnabled>`), /MalformedXML/);
  assert.match(await ask('/none', 'encryption', '<Rule/>'), /MalformedXML/);
  await cloud.close();
});
