/**
 * Query, Scan and batches: order, pages, indexes. Asked with the real SDK on the embedded
 * DynamoDB, or on POSTFOLD_TEST_AWS_ENDPOINT.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { openDynamo } from './test-support/client.ts';
import { createTable, refusal, type TestItem } from './test-support/tables.ts';

const { client, close } = openDynamo();
let TableName = '';

before(async () => {
  TableName = await createTable(client, 'N', {
    AttributeDefinitions: [
      { AttributeName: 'lane', AttributeType: 'S' },
      { AttributeName: 'due', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'lane', KeyType: 'HASH' },
          { AttributeName: 'due', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['kept'] },
      },
      {
        IndexName: 'keys',
        KeySchema: [{ AttributeName: 'lane', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
});
after(close);

const put = (Item: TestItem, table = TableName) =>
  client.send(new PutItemCommand({ TableName: table, Item }));

const query = (input: Partial<QueryCommandInput>) =>
  client.send(new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ...input }));

const sortKeys = (items: TestItem[] | undefined) => items?.map(({ sk }) => sk?.N ?? sk?.S ?? sk?.B);

/** All pages of a query, page by page. */
async function pages(input: Partial<QueryCommandInput>): Promise<TestItem[][]> {
  const found: TestItem[][] = [];
  let ExclusiveStartKey: TestItem | undefined;
  do {
    const page = await query({ ...input, ...(ExclusiveStartKey && { ExclusiveStartKey }) });
    found.push(page.Items ?? []);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found;
}

test('numbers sort by value, forward and backward', async () => {
  const sorted = [
    '-1e100',
    '-12',
    '-11.5',
    '-2',
    '-0.001',
    '0',
    '1e-100',
    '0.5',
    '2',
    '10',
    '10.01',
    '9e120',
  ];
  for (const N of sorted.toSorted()) await put({ pk: { S: 'numbers' }, sk: { N } });
  const values = { ':pk': { S: 'numbers' } };
  const { Items } = await query({ ExpressionAttributeValues: values });
  assert.deepEqual(
    Items?.map(({ sk }) => Number(sk?.N)),
    sorted.map(Number),
  );
  const back = await query({ ExpressionAttributeValues: values, ScanIndexForward: false });
  assert.deepEqual(back.Items, Items?.toReversed());
});

test('strings sort by their UTF-8 bytes; begins_with and ranges', async () => {
  const table = await createTable(client, 'S');
  const sorted = ['A', 'a', 'a#1', 'a#2', 'a~', 'b', 'é', '\uff5e', '😀'];
  for (const S of sorted.toReversed()) await put({ pk: { S: 'p' }, sk: { S } }, table);
  const ask = async (range: string, values: TestItem = {}) => {
    const { Items } = await query({
      TableName: table,
      KeyConditionExpression: `pk = :pk${range}`,
      ExpressionAttributeValues: { ':pk': { S: 'p' }, ...values },
    });
    return sortKeys(Items);
  };
  assert.deepEqual(await ask(''), sorted);
  assert.deepEqual(await ask(' AND begins_with(sk, :s)', { ':s': { S: 'a#' } }), ['a#1', 'a#2']);
  assert.deepEqual(await ask(' AND begins_with(sk, :s)', { ':s': { S: 'a' } }), ['a', 'a#1', 'a#2', 'a~']);
  const ends = { ':s': { S: 'a#1' }, ':t': { S: 'b' } };
  assert.deepEqual(await ask(' AND sk BETWEEN :s AND :t', ends), ['a#1', 'a#2', 'a~', 'b']);
  assert.deepEqual(await ask(' AND sk > :s', { ':s': { S: 'é' } }), ['\uff5e', '😀']);
  assert.deepEqual(await ask(' AND sk <= :s', { ':s': { S: 'a' } }), ['A', 'a']);
  assert.deepEqual(await ask(' AND sk = :s', { ':s': { S: 'b' } }), ['b']);
});

test('binaries sort as bytes', async () => {
  const table = await createTable(client, 'B');
  const sorted = [[0], [0, 255], [1], [127], [128], [255], [255, 255]].map((bytes) => Uint8Array.from(bytes));
  for (const B of sorted.toReversed()) await put({ pk: { S: 'p' }, sk: { B } }, table);
  const ask = async (range: string, values: TestItem = {}) => {
    const { Items } = await query({
      TableName: table,
      KeyConditionExpression: `pk = :pk${range}`,
      ExpressionAttributeValues: { ':pk': { S: 'p' }, ...values },
    });
    return sortKeys(Items)?.map((bytes) => Uint8Array.from(Buffer.from(bytes ?? '')));
  };
  assert.deepEqual(await ask(''), sorted);
  const prefix = { ':s': { B: Uint8Array.of(255) } };
  assert.deepEqual(await ask(' AND begins_with(sk, :s)', prefix), sorted.slice(5));
});

test('Limit makes pages, and a full last page names a key even if nothing follows', async () => {
  for (let sk = 1; sk <= 4; sk += 1) await put({ pk: { S: 'pages' }, sk: { N: String(sk) } });
  const input = { ExpressionAttributeValues: { ':pk': { S: 'pages' } } };
  const forward = await pages({ ...input, Limit: 2 });
  assert.deepEqual(forward.map(sortKeys), [['1', '2'], ['3', '4'], []]);
  const backward = await pages({ ...input, Limit: 3, ScanIndexForward: false });
  assert.deepEqual(backward.map(sortKeys), [['4', '3', '2'], ['1']]);
});

test('the filter thins a page after Limit has cut it', async () => {
  for (let sk = 1; sk <= 6; sk += 1) {
    await put({ pk: { S: 'filter' }, sk: { N: String(sk) }, odd: { BOOL: sk % 2 === 1 } });
  }
  const page = await query({
    FilterExpression: 'odd = :yes',
    ExpressionAttributeValues: { ':pk': { S: 'filter' }, ':yes': { BOOL: true } },
    Limit: 3,
  });
  assert.deepEqual(sortKeys(page.Items), ['1', '3']);
  assert.deepEqual([page.Count, page.ScannedCount], [2, 3]);
  assert.deepEqual(page.LastEvaluatedKey, { pk: { S: 'filter' }, sk: { N: '3' } });
  const count = await query({
    Select: 'COUNT',
    FilterExpression: 'odd = :yes',
    ExpressionAttributeValues: { ':pk': { S: 'filter' }, ':yes': { BOOL: true } },
  });
  assert.deepEqual([count.Count, count.ScannedCount, count.Items], [3, 6, undefined]);
});

test('a page ends at 1 MB', async () => {
  const blob = { S: 'x'.repeat(300_000) };
  for (let sk = 1; sk <= 5; sk += 1) await put({ pk: { S: 'big' }, sk: { N: String(sk) }, blob });
  const found = await pages({
    ExpressionAttributeValues: { ':pk': { S: 'big' } },
    ProjectionExpression: 'sk',
  });
  assert.deepEqual(found.map(sortKeys), [['1', '2', '3', '4'], ['5']]);
});

test('an index holds the items that have its keys, projected, in its order', async () => {
  const item = (sk: number, due: number): TestItem => ({
    pk: { S: 'index' },
    sk: { N: String(sk) },
    lane: { S: 'one' },
    due: { N: String(due) },
    kept: { S: 'kept' },
    lost: { S: 'lost' },
  });
  for (const [sk, due] of [
    [1, 30],
    [2, 10],
    [3, 20],
    [4, 20],
  ] as const) {
    await put(item(sk, due));
  }
  await put({ pk: { S: 'index' }, sk: { N: '5' }, lane: { S: 'one' } });
  const due = async (end: string, more: Partial<QueryCommandInput> = {}) =>
    await pages({
      IndexName: 'due',
      KeyConditionExpression: 'lane = :s AND due <= :end',
      ExpressionAttributeValues: { ':s': { S: 'one' }, ':end': { N: end } },
      ...more,
    });
  const [first] = await due('20');
  assert.equal(first?.length, 3);
  const { lost, ...projected } = item(2, 10);
  assert.deepEqual(first?.[0], projected, `without ${String(lost?.S)}`);
  const singles = await due('30', { Limit: 1 });
  assert.deepEqual(
    singles.flat().map((each) => each.due?.N),
    ['10', '20', '20', '30'],
  );
  assert.deepEqual(
    new Set(sortKeys(singles.flat())),
    new Set(['1', '2', '3', '4']),
    'equal index keys are told apart between pages',
  );
  const keysOnly = await query({
    IndexName: 'keys',
    KeyConditionExpression: 'lane = :s',
    ExpressionAttributeValues: { ':s': { S: 'one' } },
  });
  assert.equal(keysOnly.Count, 5);
  assert.ok(keysOnly.Items?.every((each) => Object.keys(each).sort().join() === 'lane,pk,sk'));
});

test('an index gives only what it projects', async () => {
  const ask = (more: Partial<QueryCommandInput>) =>
    refusal(
      query({
        IndexName: 'due',
        KeyConditionExpression: 'lane = :s',
        ExpressionAttributeValues: { ':s': { S: 'one' } },
        ...more,
      }),
    );
  assert.match(
    await ask({ Select: 'ALL_ATTRIBUTES' }),
    /ALL_ATTRIBUTES is not supported for global secondary index due because its projection type is not ALL/,
  );
  assert.equal(await ask({ ProjectionExpression: 'kept, pk' }), 'not refused');
});

test('a start key outside the range of the query is refused', async () => {
  const ask = (pk: string, sk: string) =>
    refusal(
      query({
        KeyConditionExpression: 'pk = :pk AND sk > :low',
        ExpressionAttributeValues: { ':pk': { S: 'pages' }, ':low': { N: '2' } },
        ExclusiveStartKey: { pk: { S: pk }, sk: { N: sk } },
      }),
    );
  assert.equal(await ask('pages', '3'), 'not refused');
  assert.match(await ask('pages', '2'), /The provided starting key does not match the range key predicate/);
  assert.match(await ask('other', '3'), /^ValidationException: /);
});

test('an index follows updates and deletes', async () => {
  const Key = { pk: { S: 'moves' }, sk: { N: '1' } };
  const inIndex = async (lane: string) => {
    const { Items } = await query({
      IndexName: 'due',
      KeyConditionExpression: 'lane = :s',
      ExpressionAttributeValues: { ':s': { S: lane } },
    });
    return Items?.map(({ due, kept }) => [due?.N, kept?.S]);
  };
  await put({ ...Key, lane: { S: 'm1' }, due: { N: '5' } });
  const change = (UpdateExpression: string, values?: TestItem) =>
    client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression,
        ...(values && { ExpressionAttributeValues: values }),
      }),
    );
  await change('SET kept = :k', { ':k': { S: 'new' } });
  assert.deepEqual(await inIndex('m1'), [['5', 'new']]);
  await change('SET lane = :s', { ':s': { S: 'm2' } });
  assert.deepEqual(await inIndex('m1'), []);
  assert.deepEqual(await inIndex('m2'), [['5', 'new']]);
  await change('REMOVE due');
  assert.deepEqual(await inIndex('m2'), []);
  await change('SET due = :d', { ':d': { N: '6' } });
  await client.send(new DeleteItemCommand({ TableName, Key }));
  assert.deepEqual(await inIndex('m2'), []);
});

test('Scan reads every item once, in pages', async () => {
  const table = await createTable(client, null);
  const names = Array.from({ length: 7 }, (_, at) => `item-${String(at)}`);
  for (const name of names) await put({ pk: { S: name } }, table);
  const found: (string | undefined)[] = [];
  let start: TestItem | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, Limit: 3, ...(start && { ExclusiveStartKey: start }) }),
    );
    found.push(...(page.Items ?? []).map(({ pk }) => pk?.S));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  assert.deepEqual(found.toSorted(), names);
});

test('batches write and read many items, in more than one table', async () => {
  const other = await createTable(client, null);
  const items = Array.from({ length: 24 }, (_, at) => ({ pk: { S: 'batch' }, sk: { N: String(at) } }));
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: items.map((Item) => ({ PutRequest: { Item } })),
        [other]: [{ PutRequest: { Item: { pk: { S: 'lone' } } } }],
      },
    }),
  );
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: { [TableName]: items.slice(0, 4).map((Key) => ({ DeleteRequest: { Key } })) },
    }),
  );
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({
      RequestItems: {
        [TableName]: { Keys: items, ProjectionExpression: 'sk', ConsistentRead: true },
        [other]: { Keys: [{ pk: { S: 'lone' } }, { pk: { S: 'none' } }] },
      },
    }),
  );
  assert.equal(Responses?.[TableName]?.length, 20);
  assert.ok(Responses?.[TableName]?.every((item) => item.pk === undefined && item.sk !== undefined));
  assert.deepEqual(Responses?.[other], [{ pk: { S: 'lone' } }]);
  assert.deepEqual(UnprocessedKeys, {});
});

test('batches that are too large or repeat a key are refused', async () => {
  const keys = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ pk: { S: 'many' }, sk: { N: String(at) } }));
  const write = (all: TestItem[]) =>
    client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: all.map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  const read = (Keys: TestItem[]) =>
    client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
  const repeated = [...keys(1), { pk: { S: 'many' }, sk: { N: '0.0' } }];
  const duplicates = 'ValidationException: Provided list of item keys contains duplicates';
  assert.equal(await refusal(write(repeated)), duplicates);
  assert.equal(await refusal(read(repeated)), duplicates);
  assert.match(await refusal(write(keys(26))), /^ValidationException: /);
  assert.match(await refusal(read(keys(101))), /^ValidationException: /);
});

test('BatchGetItem leaves keys unprocessed beyond 16 MB', async () => {
  const blob = { S: 'x'.repeat(390_000) };
  const Keys = Array.from({ length: 50 }, (_, at) => ({ pk: { S: 'heavy' }, sk: { N: String(at) } }));
  for (const key of Keys) await put({ ...key, blob });
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }),
  );
  const returned = Responses?.[TableName]?.length ?? 0;
  assert.ok(returned > 0 && returned < 50, `${String(returned)} returned`);
  assert.equal(UnprocessedKeys?.[TableName]?.Keys?.length, 50 - returned);
});
