import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type ServerSideEncryptionRule,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { openTestClients } from '../test-support/clients.ts';

const { s3, close } = await openTestClients();
after(close);

const OPAQUE = /^"[0-9a-f]{32}"$/;
const KMS: ServerSideEncryptionRule = {
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' },
  BucketKeyEnabled: true,
};

async function newBucket(rule?: ServerSideEncryptionRule): Promise<string> {
  const Bucket = `contract-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (rule) await setDefault(Bucket, [rule]);
  return Bucket;
}

async function setDefault(Bucket: string, Rules: ServerSideEncryptionRule[]): Promise<void> {
  const ServerSideEncryptionConfiguration = { Rules };
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
}

async function rulesOf(Bucket: string): Promise<ServerSideEncryptionRule[] | undefined> {
  const got = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  return got.ServerSideEncryptionConfiguration?.Rules;
}

function digest(body: string | Uint8Array, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('md5').update(body).digest(encoding);
}

interface Shown {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
}

function encryptionOf({ ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled }: Shown) {
  return [ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled];
}

test('a bucket has SSE-S3, until it is told otherwise, and again when that is taken back', async () => {
  const Bucket = await newBucket();
  const usual = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }];
  assert.deepEqual(await rulesOf(Bucket), usual);
  const KMSMasterKeyID = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID } };
  await setDefault(Bucket, [rule]);
  assert.deepEqual(await rulesOf(Bucket), [{ ...rule, BucketKeyEnabled: false }]);
  await setDefault(Bucket, [KMS]);
  assert.deepEqual(await rulesOf(Bucket), [KMS]);
  for (let times = 0; times < 2; times++) {
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    assert.deepEqual(await rulesOf(Bucket), usual);
  }
});

test('a configuration that says nothing clear changes nothing', async () => {
  const Bucket = await newBucket(KMS);
  const aes = { SSEAlgorithm: 'AES256' as const };
  await assert.rejects(setDefault(Bucket, []), { name: 'MalformedXML' });
  await assert.rejects(setDefault(Bucket, [KMS, KMS]), { name: 'MalformedXML' });
  const keyForNone = { ApplyServerSideEncryptionByDefault: { ...aes, KMSMasterKeyID: 'key' } };
  await assert.rejects(setDefault(Bucket, [keyForNone]), { name: 'InvalidArgument' });
  assert.deepEqual(await rulesOf(Bucket), [KMS]);
  const nowhere = `contract-${randomUUID()}`;
  const noBucket = { name: 'NoSuchBucket' };
  await assert.rejects(setDefault(nowhere, []), noBucket);
  await assert.rejects(rulesOf(nowhere), noBucket);
  await assert.rejects(s3.send(new DeleteBucketEncryptionCommand({ Bucket: nowhere })), noBucket);
});

test('under SSE-S3 the ETag is the MD5, also of a copy out of SSE-KMS', async () => {
  const [plain, encrypted] = await Promise.all([newBucket(), newBucket(KMS)]);
  for (const Body of ['small', 'x'.repeat(300_000)]) {
    const put = await s3.send(new PutObjectCommand({ Bucket: plain, Key: 'k', Body }));
    const head = await s3.send(new HeadObjectCommand({ Bucket: plain, Key: 'k' }));
    for (const answer of [put, head]) {
      assert.equal(answer.ETag, `"${digest(Body)}"`);
      assert.deepEqual(encryptionOf(answer), ['AES256', undefined, undefined]);
    }
    await s3.send(new PutObjectCommand({ Bucket: encrypted, Key: 'k', Body }));
    const CopySource = `${encrypted}/k`;
    const copied = await s3.send(new CopyObjectCommand({ Bucket: plain, Key: 'copy', CopySource }));
    assert.equal(copied.CopyObjectResult?.ETag, `"${digest(Body)}"`);
    const copy = await s3.send(new HeadObjectCommand({ Bucket: plain, Key: 'copy' }));
    for (const answer of [copied, copy]) {
      assert.deepEqual(encryptionOf(answer), ['AES256', undefined, undefined]);
    }
  }
});

test('under SSE-KMS each write has an ETag of its own, and all answers name the key', async () => {
  const Bucket = await newBucket(KMS);
  for (const Body of ['small', 'x'.repeat(300_000)]) {
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }));
    assert.match(String(put.ETag), OPAQUE);
    assert.notEqual(put.ETag, `"${digest(Body)}"`);
    assert.match(String(put.SSEKMSKeyId), /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\//);
    const [head, got] = await Promise.all([
      s3.send(new HeadObjectCommand({ Bucket, Key: 'k' })),
      s3.send(new GetObjectCommand({ Bucket, Key: 'k' })),
    ]);
    assert.equal(await got.Body?.transformToString(), Body);
    const CopySource = `${Bucket}/k`;
    const copied = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    for (const answer of [put, head, got, copied]) {
      assert.deepEqual(encryptionOf(answer), ['aws:kms', put.SSEKMSKeyId, true]);
    }
    assert.deepEqual([head.ETag, got.ETag], [put.ETag, put.ETag]);
    assert.match(String(copied.CopyObjectResult?.ETag), OPAQUE);
    assert.notEqual(copied.CopyObjectResult?.ETag, put.ETag);
    const again = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }));
    assert.notEqual(again.ETag, put.ETag);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'k' }));
    assert.equal(Contents?.[0]?.ETag, again.ETag);
  }
});

test('conditions on ETags that are no MD5', async () => {
  const Bucket = await newBucket(KMS);
  const at = { Bucket, Key: 'k' };
  const first = await s3.send(new PutObjectCommand({ ...at, Body: 'same', IfNoneMatch: '*' }));
  const IfMatch = String(first.ETag);
  await assert.rejects(s3.send(new GetObjectCommand({ ...at, IfNoneMatch: IfMatch })), (error) => {
    return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 304;
  });
  await s3.send(new PutObjectCommand({ ...at, Body: 'same', IfMatch }));
  const failed = { name: 'PreconditionFailed' };
  await assert.rejects(s3.send(new PutObjectCommand({ ...at, Body: 'same', IfMatch })), failed);
  await assert.rejects(s3.send(new GetObjectCommand({ ...at, IfMatch: `"${digest('same')}"` })), failed);
});

test('what the sender states of the data is verified under SSE-KMS as well', async () => {
  const Bucket = await newBucket(KMS);
  for (const [Key, Body] of [
    ['small', 'abc'],
    ['large', 'x'.repeat(300_000)],
  ] as const) {
    const at = { Bucket, Key, Body };
    const wrong = { name: 'BadDigest' };
    const ContentMD5 = digest('another', 'base64');
    await assert.rejects(s3.send(new PutObjectCommand({ ...at, ContentMD5 })), wrong);
    await assert.rejects(s3.send(new PutObjectCommand({ ...at, ChecksumCRC32: 'AAAAAA==' })), wrong);
    await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key })), { name: 'NotFound' });
    const put = await s3.send(new PutObjectCommand({ ...at, ContentMD5: digest(Body, 'base64') }));
    assert.notEqual(put.ETag, `"${digest(Body)}"`);
    const sum = await s3.send(new PutObjectCommand({ ...at, ChecksumAlgorithm: 'CRC32' }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    assert.ok(head.ChecksumCRC32);
    assert.equal(head.ChecksumCRC32, sum.ChecksumCRC32);
  }
});

test('an upload in parts keeps the encryption it began with; its ETag is made of those of the parts', async () => {
  const Bucket = await newBucket(KMS);
  const at = { Bucket, Key: 'parts' };
  const begun = await s3.send(new CreateMultipartUploadCommand(at));
  await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
  const upload = { ...at, UploadId: String(begun.UploadId) };
  const Body = Buffer.alloc(5 * 1024 * 1024, 'a');
  const Parts = [];
  const answers: Shown[] = [begun];
  for (const PartNumber of [1, 2]) {
    const part = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
    assert.match(String(part.ETag), OPAQUE);
    Parts.push({ PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 });
    answers.push(part);
  }
  assert.notEqual(Parts[0]?.ETag, Parts[1]?.ETag);
  const done = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const head = await s3.send(new HeadObjectCommand(at));
  const etags = Parts.map(({ ETag }) => Buffer.from(String(ETag).replaceAll('"', ''), 'hex'));
  assert.equal(done.ETag, `"${digest(Buffer.concat(etags))}-2"`);
  assert.equal(head.ETag, done.ETag);
  for (const answer of [...answers, done, head]) {
    assert.deepEqual(encryptionOf(answer), ['aws:kms', begun.SSEKMSKeyId, true]);
  }
});

test('the encryption a request asks for counts before that of its bucket', async () => {
  const Bucket = await newBucket(KMS);
  const at = { Bucket, Key: 'k', Body: 'abc' };
  const plain = await s3.send(new PutObjectCommand({ ...at, ServerSideEncryption: 'AES256' }));
  assert.equal(plain.ETag, `"${digest('abc')}"`);
  assert.deepEqual(encryptionOf(plain), ['AES256', undefined, undefined]);
  const SSEKMSKeyId = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const ServerSideEncryption = 'aws:kms';
  // Onto itself, as nothing else changes the encryption of what is there.
  const own = { Bucket, Key: 'k', CopySource: `${Bucket}/k`, ServerSideEncryption, SSEKMSKeyId } as const;
  const copied = await s3.send(new CopyObjectCommand({ ...own, BucketKeyEnabled: false }));
  assert.deepEqual(encryptionOf(copied), ['aws:kms', SSEKMSKeyId, undefined]);
  assert.notEqual(copied.CopyObjectResult?.ETag, plain.ETag);
  const refused = { name: 'InvalidArgument' };
  await assert.rejects(s3.send(new PutObjectCommand({ ...at, SSEKMSKeyId })), refused);
  const nonsense = 'aes:kms' as 'aws:kms';
  await assert.rejects(s3.send(new PutObjectCommand({ ...at, ServerSideEncryption: nonsense })), refused);
});
