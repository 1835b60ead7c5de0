import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { openTestClients } from '../test-clients.ts';

const { s3, close } = await openTestClients();
const Bucket = `contract-${randomUUID()}`;
await s3.send(new CreateBucketCommand({ Bucket }));
after(close);

test('an object comes back as it was put, until it is deleted', async () => {
  const Key = 'tenant/ü +&=?%2F';
  const put = await s3.send(
    new PutObjectCommand({ Bucket, Key, Body: 'hello', Metadata: { colour: 'blue' } }),
  );
  assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  assert.equal(await got.Body?.transformToString(), 'hello');
  assert.deepEqual(got.Metadata, { colour: 'blue' });
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  assert.equal(head.ContentLength, 5);
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key })), { name: 'NoSuchKey' });
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key })), { name: 'NotFound' });
});
