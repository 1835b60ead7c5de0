import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { openTestClients } from '../test-support/clients.ts';

const { s3, close } = await openTestClients();
const Bucket = `contract-${randomUUID()}`;
await s3.send(new CreateBucketCommand({ Bucket }));
after(close);

async function read(Key: string, Range?: string): Promise<string> {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...(Range ? { Range } : {}) }));
  return (await got.Body?.transformToString()) ?? '';
}

test('an object comes back as it was put, until it is deleted', async () => {
  const Key = 'tenant/ü +&=?%2F';
  const put = await s3.send(
    new PutObjectCommand({ Bucket, Key, Body: 'hello', Metadata: { colour: 'blue' } }),
  );
  assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  assert.equal(await got.Body?.transformToString(), 'hello');
  assert.deepEqual(got.Metadata, { colour: 'blue' });
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  assert.equal(head.ContentLength, 5);
  assert.equal(head.ChecksumCRC32, 'NhCmhg==');
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key })), { name: 'NoSuchKey' });
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key })), { name: 'NotFound' });
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
});

test('a large body streams in and out unchanged', async () => {
  const Key = 'large';
  const block = Buffer.from(Array.from({ length: 64 * 1024 }, (_, at) => (at * 31) & 0xff));
  const blocks = 20;
  const md5 = createHash('md5');
  const source = Readable.from(
    (function* () {
      for (let n = 0; n < blocks; n++) {
        const piece = Buffer.concat([Buffer.from(String(n)), block]);
        md5.update(piece);
        yield piece;
      }
    })(),
    { objectMode: false },
  );
  const ContentLength = blocks * block.length + 10 + 20;
  const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body: source, ContentLength }));
  const digest = md5.digest('hex');
  assert.equal(put.ETag, `"${digest}"`);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  assert.equal(got.ContentLength, ContentLength);
  const bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array();
  assert.equal(createHash('md5').update(bytes).digest('hex'), digest);
  const tail = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=-3' }));
  assert.deepEqual(Buffer.from((await tail.Body?.transformToByteArray()) ?? []), block.subarray(-3));
});

test('ranges answer 206 with what they cover, or 416', async () => {
  const Key = 'range';
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: '0123456789' }));
  assert.equal(await read(Key, 'bytes=2-4'), '234');
  assert.equal(await read(Key, 'bytes=7-'), '789');
  assert.equal(await read(Key, 'bytes=-4'), '6789');
  assert.equal(await read(Key, 'bytes=8-100'), '89');
  const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-0' }));
  assert.equal(part.ContentRange, 'bytes 0-0/10');
  assert.equal(part.$metadata.httpStatusCode, 206);
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=10-' })), {
    name: 'InvalidRange',
  });
});

test('If-None-Match: * creates and never overwrites; exactly one of many wins', async () => {
  const Key = 'once';
  const attempt = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' }));
  const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map(attempt));
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const result of results) {
    if (result.status === 'rejected') {
      assert.ok(['PreconditionFailed', 'ConditionalRequestConflict'].includes(result.reason.name));
    }
  }
  await assert.rejects(attempt('e'), { name: 'PreconditionFailed' });
});

test('If-Match writes only over what it names, and reads may be conditional', async () => {
  const Key = 'match';
  const first = await s3.send(new PutObjectCommand({ Bucket, Key, Body: '1' }));
  const IfMatch = String(first.ETag);
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: '2', IfMatch }));
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key, Body: '3', IfMatch })), {
    name: 'PreconditionFailed',
  });
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: 'absent', Body: '3', IfMatch })), {
    name: 'NoSuchKey',
  });
  assert.equal(await read(Key), '2');
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key, IfMatch })), {
    name: 'PreconditionFailed',
  });
  const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key, IfNoneMatch: String(ETag) })), (error) => {
    return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 304;
  });
});

test('a wrong checksum or MD5 is a BadDigest and stores nothing', async () => {
  const Key = 'bad';
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' })),
    {
      name: 'BadDigest',
    },
  );
  await assert.rejects(
    s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'x',
        ChecksumSHA256: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      }),
    ),
    {
      name: 'BadDigest',
    },
  );
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key })), { name: 'NotFound' });
});

for (const ChecksumAlgorithm of ['CRC32', 'SHA1', 'SHA256'] as const) {
  test(`the SDK's own ${ChecksumAlgorithm} is accepted and given back`, async () => {
    const Key = ChecksumAlgorithm;
    const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'abc', ChecksumAlgorithm }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    assert.ok(put[`Checksum${ChecksumAlgorithm}`]);
    assert.equal(head[`Checksum${ChecksumAlgorithm}`], put[`Checksum${ChecksumAlgorithm}`]);
  });
}

test('listings come in key order, in pages, rolled up at a delimiter', async () => {
  const keys = ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'l/d/1', 'l/é', 'l/\u{1f600}', 'l/&<'];
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const all = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/' }));
  const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(
    all.Contents?.map(({ Key }) => Key),
    sorted,
  );
  assert.equal(all.KeyCount, keys.length);

  const seen: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 1, ContinuationToken }),
    );
    seen.push(...(page.Contents ?? []).map(({ Key }) => String(Key)));
    seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => String(Prefix)));
    ContinuationToken = page.NextContinuationToken;
    assert.equal(page.IsTruncated, ContinuationToken !== undefined);
  } while (ContinuationToken !== undefined);
  assert.deepEqual(seen, ['l/&<', 'l/a', 'l/b/', 'l/c', 'l/d/', 'l/é', 'l/\u{1f600}']);

  const after = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/b/1', MaxKeys: 2 }),
  );
  assert.deepEqual(
    after.Contents?.map(({ Key }) => Key),
    ['l/b/2', 'l/c'],
  );
  assert.deepEqual(
    (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'none/' }))).Contents,
    undefined,
  );
});

test('a folder marker is a key like any other, also at the border of a page', async () => {
  for (const Key of ['m/', 'm/a', 'm/b/']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: '' }));
  const list = (ContinuationToken?: string) =>
    s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'm/', Delimiter: '/', MaxKeys: 1, ContinuationToken }),
    );
  const first = await list();
  assert.equal(first.Contents?.[0]?.Key, 'm/');
  const second = await list(first.NextContinuationToken);
  assert.equal(second.Contents?.[0]?.Key, 'm/a');
  assert.equal((await list(second.NextContinuationToken)).CommonPrefixes?.[0]?.Prefix, 'm/b/');
});

test('many keys are deleted at once', async () => {
  const Objects = [1, 2, 3].map((n) => ({ Key: `many/${n}&<>` }));
  for (const { Key } of Objects) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  assert.equal(deleted.Deleted?.length, 3);
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }))).KeyCount, 0);
});

test('a copy has the bytes and metadata of its source, small or large', async () => {
  for (const Body of ['small', 'x'.repeat(300_000)]) {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from ü', Body, Metadata: { a: '1' } }));
    const CopySource = `${Bucket}/${encodeURIComponent('from ü')}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'from ü' }));
    assert.equal(await read('to'), Body);
    assert.deepEqual((await s3.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).Metadata, { a: '1' });
  }
});

test('an empty object is an object', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: '' }));
  assert.equal(await read('empty'), '');
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'empty' }))).ContentLength, 0);
});

test('buckets are listed, and a missing one is refused', async () => {
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  assert.ok(Buckets?.some(({ Name }) => Name === Bucket));
  await s3.send(new HeadBucketCommand({ Bucket }));
  await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: 'not-there-at-all' })), { name: 'NotFound' });
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket: 'not-there-at-all', Key: 'k', Body: '' })), {
    name: 'NoSuchBucket',
  });
});
