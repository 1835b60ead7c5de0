/**
 * What only the embedded DynamoDB has: data that survives a restart, the expiry sweep on a
 * fake clock, and the headers of its answers.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { FakeClock } from '../fake-clock.ts';
import { newUsage } from '../meter.ts';
import { Storage } from '../storage.ts';
import { createDynamoDb } from './service.ts';
import { openEmbedded } from './test-support/client.ts';
import { createTable } from './test-support/tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'postfold-dynamodb-'));
after(() => rmSync(folder, { recursive: true }));

const INDEX = {
  AttributeDefinitions: [{ AttributeName: 'due', AttributeType: 'N' as const }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-due',
      KeySchema: [{ AttributeName: 'due', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    },
  ],
};

test('tables, items, index entries and tokens are there after a restart', async () => {
  const path = join(folder, 'restart.db');
  const first = openEmbedded(path);
  const TableName = await createTable(first.client, 'S', INDEX);
  const Key = { pk: { S: 'a' }, sk: { S: 'b' } };
  const Item = { ...Key, due: { N: '1.50' } };
  await first.client.send(new PutItemCommand({ TableName, Item }));
  const transaction = new TransactWriteItemsCommand({
    ClientRequestToken: 'once',
    TransactItems: [
      {
        Update: {
          TableName,
          Key,
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
      },
    ],
  });
  await first.client.send(transaction);
  await first.close();

  const second = openEmbedded(path);
  await second.client.send(transaction);
  const stored = { ...Key, due: { N: '1.5' }, n: { N: '1' } };
  const { Item: found } = await second.client.send(new GetItemCommand({ TableName, Key }));
  assert.deepEqual(found, stored);
  const { Items } = await second.client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-due',
      KeyConditionExpression: 'due = :d',
      ExpressionAttributeValues: { ':d': { N: '1.5' } },
    }),
  );
  assert.deepEqual(Items, [stored]);
  await second.close();
});

test('an acknowledged put is in the files: their copy has it at once', async () => {
  const path = join(folder, 'durable.db');
  const { client, close } = openEmbedded(path);
  const TableName = await createTable(client, null);
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }));
  const copy = join(folder, 'copy.db');
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
  const other = openEmbedded(copy);
  const { Item } = await other.client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }));
  assert.deepEqual(Item, { pk: { S: 'a' } });
  await other.close();
  await close();
});

test('the sweep deletes what has expired, from the indexes too, and nothing before it runs', async () => {
  const { client, service, clock, close } = openEmbedded();
  const TableName = await createTable(client, null, INDEX);
  const nowSeconds = Math.floor(clock.now() / 1000);
  const put = (name: string, expires: number) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: name }, due: { N: '1' }, expires: { N: String(expires) } },
      }),
    );
  await put('before-ttl', nowSeconds + 10);
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    }),
  );
  await put('soon', nowSeconds + 10);
  await put('later', nowSeconds + 1000);
  await put('ancient', nowSeconds - 6 * 365 * 24 * 3600);
  await client.send(
    new PutItemCommand({ TableName, Item: { pk: { S: 'text' }, expires: { S: String(nowSeconds) } } }),
  );
  const left = async () => {
    const names = ['before-ttl', 'soon', 'later', 'ancient', 'text'];
    const found = await Promise.all(
      names.map((name) => client.send(new GetItemCommand({ TableName, Key: { pk: { S: name } } }))),
    );
    return found.flatMap(({ Item }) => Item?.pk?.S ?? []);
  };
  assert.equal(await service.sweepExpired(), 0);
  await clock.advance(11_000);
  assert.equal((await left()).length, 5, 'expired items are read until they are swept');
  assert.equal(await service.sweepExpired(), 2);
  assert.deepEqual(await left(), ['later', 'ancient', 'text']);
  const { Count } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-due',
      KeyConditionExpression: 'due = :d',
      ExpressionAttributeValues: { ':d': { N: '1' } },
    }),
  );
  assert.equal(Count, 2);
  await close();
});

test('totals of a table are counted anew every six hours', async () => {
  const { client, clock, close } = openEmbedded();
  const TableName = await createTable(client, null, INDEX);
  const totals = async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    return [Table?.ItemCount, Table?.TableSizeBytes, Table?.GlobalSecondaryIndexes?.[0]?.ItemCount];
  };
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, due: { N: '1' } } }));
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'b' } } }));
  assert.deepEqual(await totals(), [0, 0, 0]);
  await clock.advance(6 * 3600 * 1000);
  assert.deepEqual(await totals(), [2, 11, 1]);
  await close();
});

test('answers carry their checksum; what is not known or not JSON is refused', async () => {
  const storage = new Storage(':memory:');
  const service = createDynamoDb({ storage, clock: new FakeClock() });
  const ask = async (target: string, text: string) => {
    const answer = await service.handle(
      {
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
        headers: { 'x-amz-target': target },
        body: Buffer.from(text),
      },
      newUsage(''),
    );
    assert.ok(answer.body instanceof Uint8Array);
    assert.equal(answer.headers['x-amz-crc32'], String(crc32(answer.body)));
    assert.equal(answer.headers['content-type'], 'application/x-amz-json-1.0');
    const body: unknown = JSON.parse(Buffer.from(answer.body).toString());
    return { status: answer.status, body };
  };
  assert.deepEqual(await ask('DynamoDB_20120810.ListTables', '{}'), {
    status: 200,
    body: { TableNames: [] },
  });
  const unknown = await ask('DynamoDB_20120810.ExecuteStatement', '{}');
  assert.equal(unknown.status, 400);
  assert.match(JSON.stringify(unknown.body), /com\.amazon\.coral\.service#UnknownOperationException/);
  const broken = await ask('DynamoDB_20120810.ListTables', '{');
  assert.match(JSON.stringify(broken.body), /com\.amazon\.coral\.service#SerializationException/);
  const missing = await ask('DynamoDB_20120810.GetItem', '{"TableName":"none","Key":{}}');
  assert.match(JSON.stringify(missing.body), /com\.amazonaws\.dynamodb\.v20120810#ResourceNotFoundException/);
  await storage.close();
});
