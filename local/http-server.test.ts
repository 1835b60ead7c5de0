import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openCloud } from './cloud.ts';

const cloud = await openCloud();
const { url } = await cloud.listen();
const config = {
  region: 'us-east-1',
  endpoint: url,
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
};
const s3 = new S3Client({ ...config, forcePathStyle: true, maxAttempts: 1 });
await s3.send(new CreateBucketCommand({ Bucket: 'over-http' }));
after(async () => {
  s3.destroy();
  await cloud.close();
});

test('an object of several megabytes goes over HTTP and back', async () => {
  const Body = Buffer.alloc(3_000_000, 'mail ');
  await s3.send(new PutObjectCommand({ Bucket: 'over-http', Key: 'big', Body }));
  const got = await s3.send(new GetObjectCommand({ Bucket: 'over-http', Key: 'big' }));
  const bytes = (await got.Body?.transformToByteArray()) ?? [];
  assert.equal(
    createHash('md5').update(Buffer.from(bytes)).digest('hex'),
    createHash('md5').update(Body).digest('hex'),
  );
});

test("a queue's URL leads back to the host that was asked", async () => {
  const sqs = new SQSClient(config);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  assert.equal(QueueUrl, `${url}/000000000000/q`);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  sqs.destroy();
});

test("a web page's request is refused, whatever it asks", async () => {
  const asked = request(`${url}/over-http?delete`, {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
  });
  asked.end('<Delete><Object><Key>big</Key></Object></Delete>');
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 403);
  answer.resume();
  await s3.send(new HeadObjectCommand({ Bucket: 'over-http', Key: 'big' }));
});

test('a lost answer destroys the socket', async () => {
  cloud.faults.add({ kind: 'lost', operation: 'PutObject', times: 1 });
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket: 'over-http', Key: 'lost', Body: 'x' })), {
    code: 'ECONNRESET',
  });
  await s3.send(new GetObjectCommand({ Bucket: 'over-http', Key: 'lost' }));
});

test('what is not here is refused in the words of its service', async () => {
  const acl = await fetch(`${url}/over-http?acl`);
  assert.equal(acl.status, 501);
  assert.match(await acl.text(), /<Code>NotImplemented<\/Code>/);
  const versions = await fetch(`${url}/over-http?versioning`, { method: 'PUT', body: '<x/>' });
  assert.equal(versions.status, 501);
  const posted = await fetch(`${url}/over-http/key`, { method: 'POST' });
  assert.equal(posted.status, 405);
  for (const target of ['AmazonSQS.Nonsense', 'AmazonSQS.constructor', 'Kinesis_20131202.PutRecord']) {
    const headers = { 'x-amz-target': target };
    const unknown = await fetch(url, { method: 'POST', headers, body: '{}' });
    assert.equal(unknown.status, 400);
    assert.match(await unknown.text(), /UnknownOperationException/);
  }
});

test('a JSON body beyond the limit is refused without being held', async () => {
  const headers = { 'x-amz-target': 'AmazonSQS.SendMessage' };
  const answer = await fetch(url, { method: 'POST', headers, body: 'x'.repeat(8_000_000) });
  assert.equal(answer.status, 413);
});

test('an upload that is refused early does not spoil the connection for the next request', async () => {
  const Body = Buffer.alloc(1_000_000);
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket: 'missing-bucket', Key: 'k', Body })), {
    name: 'NoSuchBucket',
  });
  await s3.send(new PutObjectCommand({ Bucket: 'over-http', Key: 'next', Body: 'x' }));
});

test('an upload cut off in the middle stores nothing', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('PUT /over-http/cut HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nonly this');
  await new Promise((resolve) => socket.write('.', resolve));
  socket.destroy();
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'over-http', Key: 'cut' })), {
    name: 'NoSuchKey',
  });
});

test('Expect: 100-continue is answered', async () => {
  const headers = { expect: '100-continue', 'content-length': 2 };
  const put = request(`${url}/over-http/expect`, { method: 'PUT', headers });
  put.on('continue', () => put.end('ok'));
  put.flushHeaders();
  const status = await new Promise((resolve, reject) => {
    put.on('error', reject);
    put.on('response', async (response) => {
      await text(response);
      resolve(response.statusCode);
    });
  });
  assert.equal(status, 200);
});

test('a taken port is named', async () => {
  const port = Number(new URL(url).port);
  await assert.rejects(cloud.listen({ port }), {
    message: `port ${port} on 127.0.0.1 is in use by another program`,
  });
});
