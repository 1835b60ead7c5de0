import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCloud } from './cloud.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './faults.ts';
import type { AwsRequest } from './types.ts';

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];
const PATHS = [
  '/',
  '//',
  '/bbb',
  '/bbb/',
  '/bbb/k',
  '/bbb/%2e%2e/x',
  '/%',
  '/bbb/%zz',
  '/bbb//k',
  '/2015-03-31/functions/f/invocations',
  '/2015-03-31/functions/%',
  '/2015-03-31/functions',
];
const QUERIES = [
  '',
  'list-type=2',
  'list-type=2&max-keys=-1',
  'delete',
  'uploads',
  'uploadId=x&partNumber=1',
  'uploadId=x',
  'list-type=2&delimiter=/&prefix=k',
  'max-keys=0',
  'encoding-type=url',
  'continuation-token=%00',
  'acl',
  'x-id=GetObject',
];
const TARGETS = [
  'SendMessage',
  'ReceiveMessage',
  'CreateQueue',
  'DeleteMessageBatch',
  'GetQueueAttributes',
  'SetQueueAttributes',
  'ChangeMessageVisibility',
  'toString',
  '',
];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'range',
    ['bytes=0-1', 'bytes=-0', 'bytes=5-1', 'bytes=99999999999999999999-', 'bytes=0-1,2-3', 'lines=1'],
  ],
  ['if-none-match', ['*', '"x"', '']],
  ['if-match', ['*', '"x"', 'W/"x"']],
  ['if-modified-since', ['never', 'Thu, 01 Jan 1970 00:00:00 GMT']],
  ['content-md5', ['', '!', '1B2M2Y8AsgTpgAmY7PhCfg==']],
  ['x-amz-checksum-crc32', ['', 'AAAAAA==']],
  ['x-amz-checksum-md9', ['x']],
  ['x-amz-trailer', ['x-amz-checksum-sha1', 'nonsense']],
  ['x-amz-content-sha256', ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'UNSIGNED-PAYLOAD']],
  ['x-amz-decoded-content-length', ['3', 'x', '-1']],
  ['x-amz-copy-source', ['bbb/k', '/', '%', 'bbb/%zz', 'bbb/k?versionId=1']],
  ['x-amz-invocation-type', ['Event', 'DryRun', 'Later']],
  ['host', ['bbb.localhost', '', 'x']],
];
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '"x"',
  '{"QueueUrl":1}',
  '{"QueueUrl":"http://x/0/q","Entries":[1]}',
  '{"QueueUrl":"/q","MessageBody":"x","DelaySeconds":"1"}',
  '{"QueueName":"q","Attributes":[]}',
  '{"QueueName":"q","Attributes":{"RedrivePolicy":"{}"}}',
  '{"QueueUrl":"/q","ReceiptHandle":"MSAx"}',
  '3\r\nabc\r\n0\r\n\r\n',
  '<Delete><Object><Key>k</Key></Object></Delete>',
  '<CompleteMultipartUpload><Part/></CompleteMultipartUpload>',
  '\u0000',
];

test('no request, however odd, finds a bug', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? 1);
  const rounds = Number(process.env.FUZZ_ROUNDS ?? 3000);
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const bugs: unknown[] = [];
  const clock = new FakeClock();
  const cloud = await openCloud({ clock, onProblem: (problem, cause) => bugs.push([problem, cause]) });
  cloud.registerFunction('f', async (event) => event);
  const plain = { query: new URLSearchParams(), body: Buffer.from('{"QueueName":"q"}') };
  await cloud.dispatch({ ...plain, method: 'PUT', path: '/bbb', headers: {} });
  const headers = { 'x-amz-target': 'AmazonSQS.CreateQueue' };
  await cloud.dispatch({ ...plain, method: 'POST', path: '/', headers });
  for (let round = 0; round < rounds && bugs.length === 0; round++) {
    const headers: Record<string, string> = {};
    for (const [name, values] of HEADERS) if (random() < 0.15) headers[name] = pick(values);
    if (random() < 0.3) headers['x-amz-target'] = `AmazonSQS.${pick(TARGETS)}`;
    const body = Buffer.from(pick(BODIES));
    const request: AwsRequest = {
      method: pick(METHODS),
      path: pick(PATHS),
      query: new URLSearchParams(pick(QUERIES)),
      headers,
      body,
    };
    const response = await cloud.dispatch(request);
    assert.ok(response.status < 500 || response.status === 501, `seed ${seed}: ${JSON.stringify(request)}`);
  }
  assert.deepEqual(bugs, [], `seed ${seed}`);
  await cloud.close();
});
