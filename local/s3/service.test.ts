import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { openCloud } from '../cloud.ts';
import type { AwsRequest, AwsResponse } from '../types.ts';

const cloud = await openCloud();
after(() => cloud.close());

async function ask(method: string, target: string, body = '', headers: Record<string, string> = {}) {
  const [path = '/', query = ''] = target.split('?');
  const request: AwsRequest = {
    method,
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.from(body),
  };
  return cloud.dispatch(request);
}

function text({ body }: AwsResponse): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString() : '';
}

await ask('PUT', '/raw');

const CHUNKED = {
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'content-encoding': 'aws-chunked,gzip',
};

test('a checksum in the trailer is verified, and aws-chunked is no part of the object', async () => {
  const headers = {
    ...CHUNKED,
    'x-amz-trailer': 'x-amz-checksum-crc64nvme',
    'x-amz-decoded-content-length': '9',
  };
  const upload = (sum: string) =>
    ask('PUT', '/raw/t', `9\r\n123456789\r\n0\r\nx-amz-checksum-crc64nvme:${sum}\r\n\r\n`, headers);
  assert.match(text(await upload('AAAAAAAAAAA=')), /BadDigest/);
  assert.equal((await upload('rosUhgp5mIg=')).status, 200);
  const got = await ask('GET', '/raw/t', '', { 'x-amz-checksum-mode': 'ENABLED' });
  assert.equal(text(got), '123456789');
  assert.equal(got.headers['content-encoding'], 'gzip');
  assert.equal(got.headers['x-amz-checksum-crc64nvme'], 'rosUhgp5mIg=');
  const missing = await ask('PUT', '/raw/u', '1\r\nx\r\n0\r\n\r\n', {
    ...headers,
    'x-amz-decoded-content-length': '1',
  });
  assert.match(text(missing), /MalformedTrailerError/);
});

test('a body of another length than announced is refused', async () => {
  assert.match(text(await ask('PUT', '/raw/l', 'abc', { 'content-length': '4' })), /IncompleteBody/);
});

test('a bucket may stand in the host', async () => {
  for (const host of ['raw.localhost:4566', 'raw.s3.us-east-1.amazonaws.com']) {
    assert.equal((await ask('PUT', '/in/host', 'x', { host })).status, 200);
  }
  assert.equal(text(await ask('GET', '/raw/in/host')), 'x');
});

test('names and paths S3 does not take are refused', async () => {
  assert.match(text(await ask('PUT', '/No_Bucket')), /InvalidBucketName/);
  assert.match(text(await ask('PUT', `/raw/${'k'.repeat(1025)}`)), /KeyTooLongError/);
  assert.match(text(await ask('GET', '/raw/%ff')), /InvalidURI/);
  assert.match(
    text(await ask('PUT', '/raw/m', '', { 'x-amz-meta-a': 'x'.repeat(2048) })),
    /MetadataTooLarge/,
  );
  assert.match(text(await ask('POST', '/raw?delete', '<Delete>')), /MalformedXML/);
  assert.match(text(await ask('GET', '/raw?list-type=2&max-keys=x')), /InvalidArgument/);
  assert.match(text(await ask('GET', '/raw?list-type=2&continuation-token=!')), /InvalidArgument/);
});

test('a bucket goes only when it is empty', async () => {
  await ask('PUT', '/gone');
  await ask('PUT', '/gone/k', 'x');
  assert.match(text(await ask('DELETE', '/gone')), /BucketNotEmpty/);
  await ask('DELETE', '/gone/k');
  assert.equal((await ask('DELETE', '/gone')).status, 204);
  assert.equal((await ask('HEAD', '/gone')).status, 404);
});

test('a head has the length and no body', async () => {
  await ask('PUT', '/raw/h', 'four');
  const head = await ask('HEAD', '/raw/h');
  assert.deepEqual([head.headers['content-length'], text(head)], ['4', '']);
});

test('a part uploaded anew while the upload completes is not lost: the completion is refused', async () => {
  const begun = await ask('POST', '/raw/race?uploads', '', {
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-checksum-type': 'FULL_OBJECT',
  });
  const id = /<UploadId>(.*)<\/UploadId>/.exec(text(begun))?.[1];
  const upload = async (body: string) => {
    const { headers } = await ask('PUT', `/raw/race?partNumber=1&uploadId=${id}`, body);
    return `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${headers.etag}</ETag></Part></CompleteMultipartUpload>`;
  };
  const complete = (list: string) => ask('POST', `/raw/race?uploadId=${id}`, list);
  const old = await upload('old'.repeat(1_000_000));
  const [refused, renewed] = await Promise.all([complete(old), upload('new')]);
  assert.match(text(refused), /InvalidPart/);
  assert.equal((await complete(renewed)).status, 200);
  assert.equal(text(await ask('GET', '/raw/race')), 'new');
});

test('a list of keys that does not match its digest deletes nothing', async () => {
  await ask('PUT', '/raw/keep', 'x');
  const list = '<Delete><Object><Key>keep</Key></Object></Delete>';
  const damaged = await ask('POST', '/raw?delete', list, { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' });
  assert.match(text(damaged), /BadDigest/);
  assert.equal((await ask('GET', '/raw/keep')).status, 200);
  const content = createHash('md5').update(list).digest('base64');
  assert.equal((await ask('POST', '/raw?delete', list, { 'content-md5': content })).status, 200);
  assert.equal((await ask('GET', '/raw/keep')).status, 404);
});
