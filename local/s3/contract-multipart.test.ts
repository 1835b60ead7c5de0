import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { openTestClients } from '../test-support/clients.ts';

const { s3, close } = await openTestClients();
const Bucket = `contract-${randomUUID()}`;
await s3.send(new CreateBucketCommand({ Bucket }));
after(close);

const MIN_PART_BYTES = 5 * 1024 * 1024;

async function begin(Key: string): Promise<{ Bucket: string; Key: string; UploadId: string }> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'message/rfc822' }),
  );
  assert.ok(UploadId);
  return { Bucket, Key, UploadId };
}

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

test('parts in any order become one object in the listed order', async () => {
  const upload = await begin('parts');
  const first = Buffer.alloc(MIN_PART_BYTES, 'a');
  const second = Buffer.from('the end');
  const two = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: second }));
  await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'replaced' }));
  const one = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: first }));
  const { Parts: listed } = await s3.send(new ListPartsCommand(upload));
  assert.deepEqual(
    listed?.map(({ Size }) => Size),
    [first.length, second.length],
  );
  const Parts = [
    { PartNumber: 1, ETag: one.ETag, ChecksumCRC32: one.ChecksumCRC32 },
    { PartNumber: 2, ETag: two.ETag, ChecksumCRC32: two.ChecksumCRC32 },
  ];
  const done = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const etag = md5(Buffer.concat([md5(first), md5(second)])).toString('hex');
  assert.equal(done.ETag, `"${etag}-2"`);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'parts' }));
  assert.equal(head.ContentLength, first.length + second.length);
  assert.equal(head.ContentType, 'message/rfc822');
  const Range = `bytes=${first.length - 2}-${first.length + 2}`;
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'parts', Range }));
  assert.equal(await got.Body?.transformToString(), 'aathe');
  await assert.rejects(s3.send(new ListPartsCommand(upload)), { name: 'NoSuchUpload' });
});

test('a part below 5 MiB may only be the last', async () => {
  const upload = await begin('small');
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body: 'tiny' }));
    Parts.push({ PartNumber, ETag });
  }
  await assert.rejects(
    s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })),
    {
      name: 'EntityTooSmall',
    },
  );
  const last = Parts.slice(1);
  const wrong = [{ PartNumber: 2, ETag: '"00000000000000000000000000000000"' }];
  await assert.rejects(
    s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: wrong } })),
    {
      name: 'InvalidPart',
    },
  );
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: last } }));
});

test('an aborted upload is gone', async () => {
  const upload = await begin('aborted');
  await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }));
  await s3.send(new AbortMultipartUploadCommand(upload));
  await assert.rejects(s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' })), {
    name: 'NoSuchUpload',
  });
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: 'aborted' })), { name: 'NotFound' });
});
