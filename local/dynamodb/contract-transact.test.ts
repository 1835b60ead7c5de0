/**
 * Transactions: all or nothing, reasons, idempotency. Asked with the real SDK on the
 * embedded DynamoDB, or on POSTFOLD_TEST_AWS_ENDPOINT.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { openDynamo } from './test-support/client.ts';
import { createTable, refusal, type TestItem } from './test-support/tables.ts';

const { client, close } = openDynamo();
let TableName = '';

before(async () => {
  TableName = await createTable(client, null);
});
after(close);

const key = (name: string): TestItem => ({ pk: { S: name } });
const get = async (name: string) =>
  (await client.send(new GetItemCommand({ TableName, Key: key(name), ConsistentRead: true }))).Item;

const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  client.send(
    new TransactWriteItemsCommand({ TransactItems, ...(ClientRequestToken && { ClientRequestToken }) }),
  );

const putNew = (name: string): TransactWriteItem => ({
  Put: {
    TableName,
    Item: { ...key(name), n: { N: '1' } },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

const increment = (name: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: key(name),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});

test('a transaction does all its actions', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { ...key('old'), n: { N: '5' } } }));
  await client.send(new PutItemCommand({ TableName, Item: key('doomed') }));
  await transact([
    putNew('fresh'),
    increment('old'),
    { Delete: { TableName, Key: key('doomed') } },
    { ConditionCheck: { TableName, Key: key('absent'), ConditionExpression: 'attribute_not_exists(pk)' } },
  ]);
  const { Responses } = await client.send(
    new TransactGetItemsCommand({
      TransactItems: ['fresh', 'old', 'doomed'].map((name) => ({
        Get: { TableName, Key: key(name), ProjectionExpression: 'n' },
      })),
    }),
  );
  assert.deepEqual(
    Responses?.map(({ Item }) => Item),
    [{ n: { N: '1' } }, { n: { N: '6' } }, undefined],
  );
});

test('one failed condition cancels all, with a reason for each action', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { ...key('taken'), n: { N: '7' } } }));
  await assert.rejects(transact([increment('untouched'), putNew('taken')]), (error: unknown) => {
    assert.ok(error instanceof TransactionCanceledException);
    assert.equal(
      error.message,
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    );
    assert.deepEqual(error.CancellationReasons, [
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { ...key('taken'), n: { N: '7' } },
      },
    ]);
    return true;
  });
  assert.equal(await get('untouched'), undefined);
});

test('an update that cannot be applied cancels with ValidationError', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { ...key('text'), n: { S: 'x' } } }));
  await assert.rejects(transact([putNew('with-text'), increment('text')]), (error: unknown) => {
    assert.ok(error instanceof TransactionCanceledException);
    assert.deepEqual(
      error.CancellationReasons?.map(({ Code }) => Code),
      ['None', 'ValidationError'],
    );
    return true;
  });
  assert.equal(await get('with-text'), undefined);
});

test('the same token again does nothing again; with another request it is refused', async () => {
  const token = `token-${String(process.pid)}`;
  await transact([increment('counter')], token);
  await transact([increment('counter')], token);
  assert.deepEqual((await get('counter'))?.n, { N: '1' });
  assert.match(
    await refusal(transact([increment('other')], token)),
    /^IdempotentParameterMismatchException: /,
  );
  await transact([increment('counter')], `${token}-b`);
  assert.deepEqual((await get('counter'))?.n, { N: '2' });
});

test('limits: one action per item, 1 to 100 actions, 4 MB', async () => {
  const repeated = 'ValidationException: Transaction request cannot include multiple operations on one item';
  assert.equal(await refusal(transact([increment('same'), putNew('same')])), repeated);
  const many = Array.from({ length: 101 }, (_, at) => increment(`many-${String(at)}`));
  assert.match(await refusal(transact(many)), /Member must have length less than or equal to 100/);
  await transact(many.slice(0, 100));
  const big = Array.from({ length: 11 }, (_, at) => ({
    Put: { TableName, Item: { ...key(`big-${String(at)}`), blob: { S: 'x'.repeat(400_000) } } },
  }));
  assert.match(await refusal(transact(big)), /^(Validation|TransactionCanceled)Exception: /);
  assert.equal(await get('big-0'), undefined);
});
