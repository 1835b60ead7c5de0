/**
 * A seeded model test: after random writes, every index holds exactly the items that have
 * its keys, in its order, whichever operation put, moved or removed them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { openEmbedded } from './test-support/client.ts';
import { createTable, type TestItem } from './test-support/tables.ts';

const SEED = Number(process.env.SEED ?? 20261123);
const WRITES = 400;

test(`an index is the fold of all writes (SEED=${String(SEED)})`, async () => {
  const { client, close } = openEmbedded();
  const TableName = await createTable(client, 'N', {
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
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  const random = randomFrom(SEED);
  const model = new Map<string, TestItem>();
  const key = () => ({ pk: { S: `p${String(random(3))}` }, sk: { N: String(random(8)) } });
  const fields = (): TestItem => ({
    ...(random(4) > 0 && { lane: { S: `lane${String(random(2))}` } }),
    ...(random(4) > 0 && { due: { N: String(random(20) - 10) } }),
    note: { N: String(random(1000)) },
  });

  for (let write = 0; write < WRITES; write += 1) {
    const Key = key();
    const Item = { ...Key, ...fields() };
    const id = JSON.stringify(Key);
    const choice = random(6);
    if (choice === 0) {
      await client.send(new DeleteItemCommand({ TableName, Key }));
      model.delete(id);
    } else if (choice === 1) {
      await client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE due' }));
      const { due, ...rest }: TestItem = model.get(id) ?? Key;
      model.set(id, rest);
    } else if (choice === 2) {
      const RequestItems = { [TableName]: [{ PutRequest: { Item } }] };
      await client.send(new BatchWriteItemCommand({ RequestItems }));
      model.set(id, Item);
    } else if (choice === 3) {
      const TransactItems = [{ Put: { TableName, Item } }];
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      model.set(id, Item);
    } else {
      await client.send(new PutItemCommand({ TableName, Item }));
      model.set(id, Item);
    }
  }

  for (const lane of ['lane0', 'lane1']) {
    const expected = [...model.values()].filter((item) => item.lane?.S === lane && item.due !== undefined);
    const found: TestItem[] = [];
    let start: TestItem | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: 'lane = :lane',
          ExpressionAttributeValues: { ':lane': { S: lane } },
          Limit: 3,
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    const dues = found.map(({ due }) => Number(due?.N));
    assert.ok(expected.length > 0);
    assert.deepEqual(
      dues,
      dues.toSorted((a, b) => a - b),
    );
    assert.deepEqual(byKey(found), byKey(expected));
  }
  await close();
});

function byKey(items: readonly TestItem[]): TestItem[] {
  const text = ({ pk, sk }: TestItem) => `${String(pk?.S)} ${String(sk?.N)}`;
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** A small generator of whole numbers below a bound. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
