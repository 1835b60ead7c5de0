/** The short way to the embedded AWS against the SDK's long one: the same outputs, errors, retries and requests. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { bucket, openStores, type TestStores } from '../../test/support/stores.ts';
import { ensureBucket, ensureTables, tableNames } from './tables.ts';

let stores: TestStores;
const table = tableNames('').log;
const Item = {
  account: { S: 'acme#alice' },
  modSeq: { N: '7' },
  list: { L: [{ S: 'é' }, { BOOL: true }] },
  octets: { B: Uint8Array.of(0, 34, 255) },
  quoted: { S: '"B":"AAAA"' },
};
const Key = { account: Item.account, modSeq: Item.modSeq };

before(async () => {
  stores = await openStores();
  await Promise.all([
    ensureTables(stores.clients.dynamo, stores.names),
    ensureBucket(stores.clients.s3, bucket),
  ]);
});
after(() => stores.close());

function putTwice() {
  return new PutItemCommand({
    TableName: table,
    Item,
    ConditionExpression: 'attribute_not_exists(modSeq)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
}

test('outputs are those of the long way', async () => {
  const { dynamo } = stores.clients;
  const longWay = new DynamoDBClient(stores.cloud.clientConfig);
  await dynamo.send(new PutItemCommand({ TableName: table, Item }));
  const commands = () => [
    new GetItemCommand({ TableName: table, Key }),
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'account = :a',
      ExpressionAttributeValues: { ':a': Item.account },
      Limit: 1,
      ExclusiveStartKey: undefined,
    }),
    new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [Key], ConsistentRead: true } } }),
  ];
  for (const [at, command] of commands().entries()) {
    const { $metadata: _, ...short } = await dynamo.send(command as GetItemCommand);
    const { $metadata: __, ...long } = await longWay.send(commands()[at] as GetItemCommand);
    assert.deepEqual(short, long);
  }
  longWay.destroy();
});

test('a refusal is the SDK error that it is, and costs one request', async () => {
  const { dynamo, s3 } = stores.clients;
  await dynamo.send(new PutItemCommand({ TableName: table, Item }));
  const again = () =>
    assert.rejects(dynamo.send(putTwice()), (error) => {
      assert.ok(error instanceof ConditionalCheckFailedException);
      assert.deepEqual(error.Item, Item);
      return true;
    });
  assert.deepEqual(await stores.requests(again), [`PutItem ${table}`]);
  const nothing = () => new GetObjectCommand({ Bucket: bucket, Key: 'nothing', Range: 'bytes=0-1' });
  const missing = () => assert.rejects(s3.send(nothing()), NoSuchKey);
  assert.deepEqual(await stores.requests(missing), [`GetObject ${bucket}`]);
  const put = () =>
    new PutObjectCommand({ Bucket: bucket, Key: 'once', Body: Buffer.from('a'), IfNoneMatch: '*' });
  await s3.send(put());
  const second = () => assert.rejects(s3.send(put()), { name: 'PreconditionFailed' });
  assert.deepEqual(await stores.requests(second), [`PutObject ${bucket}`]);
});

test('throttles, failures and lost answers are tried again, each once', async () => {
  const { dynamo, s3 } = stores.clients;
  const get = () => dynamo.send(new GetItemCommand({ TableName: table, Key }));
  const put = () => s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: Buffer.from('k') }));
  for (const kind of ['throttle', 'error', 'lost'] as const) {
    for (const work of [get, put]) {
      const stop = stores.cloud.faults.add({ kind, times: 1 });
      assert.equal((await stores.requests(work)).length, 2, kind);
      stop();
    }
  }
});

test('any key is the same object both ways, whole and in parts', async () => {
  const { s3 } = stores.clients;
  const octets = Buffer.alloc(600_000, 'octets');
  for (const key of ['a/b_c-d.e', "a b/%2F+&?#é'()*", 'tenant/x=y,z@w']) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: octets, ContentType: 'long/way' }));
    assert.deepEqual(await stores.bodies.read(key, 0, Number.POSITIVE_INFINITY), octets);
    const smaller = octets.subarray(0, 999);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: smaller }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    assert.deepEqual(Buffer.from((await Body?.transformToByteArray()) ?? []), smaller);
    assert.deepEqual(Buffer.from(await stores.bodies.read(key, 990, 2000)), smaller.subarray(990));
  }
});

test('a function is asked once, its failure told, an unknown one refused', async () => {
  const { cloud, clients } = stores;
  cloud.registerFunction('echo', async (event) => event);
  cloud.registerFunction('broken', async () => {
    throw new Error('as it is');
  });
  const ask = (FunctionName: string) =>
    clients.lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"a":"é"}') }));
  const { Payload, StatusCode, FunctionError } = await ask('echo');
  assert.deepEqual(
    [Buffer.from(Payload ?? []).toString(), StatusCode, FunctionError],
    ['{"a":"é"}', 200, undefined],
  );
  assert.equal((await ask('broken')).FunctionError, 'Unhandled');
  await assert.rejects(ask('none'), { name: 'ResourceNotFoundException' });
});
