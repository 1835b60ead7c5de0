/**
 * What this project relies on DynamoDB for, asked with the real SDK. Runs on the embedded
 * DynamoDB, or on the endpoint in POSTFOLD_TEST_AWS_ENDPOINT.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { openDynamo } from './test-support/client.ts';

const { client, close } = openDynamo();
const TableName = `log-${String(process.pid)}`;

before(async () => {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  assert.equal(TableDescription?.TableStatus, 'CREATING');
});

after(close);

test('a conditional put of a taken key fails with the item that is there', async () => {
  const put = (text: string) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: 'acme#a' }, sk: { N: '1' }, text: { S: text } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  await put('first');
  await assert.rejects(put('second'), (error: unknown) => {
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, 'The conditional request failed');
    assert.deepEqual(error.Item, { pk: { S: 'acme#a' }, sk: { N: '1' }, text: { S: 'first' } });
    return true;
  });
});

test('update, get, query backward and delete', async () => {
  for (const sk of ['2', '10', '9']) {
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: 'acme#b' }, sk: { N: sk } },
        UpdateExpression: 'SET #n = if_not_exists(#n, :zero) + :one ADD hits :one',
        ExpressionAttributeNames: { '#n': 'count' },
        ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' } },
      }),
    );
  }
  const { Items, LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk AND sk < :end',
      ExpressionAttributeValues: { ':pk': { S: 'acme#b' }, ':end': { N: '11' } },
      ScanIndexForward: false,
      Limit: 2,
      ConsistentRead: true,
    }),
  );
  assert.deepEqual(
    Items?.map(({ sk }) => sk?.N),
    ['10', '9'],
  );
  assert.deepEqual(LastEvaluatedKey, { pk: { S: 'acme#b' }, sk: { N: '9' } });
  const Key = { pk: { S: 'acme#b' }, sk: { N: '2' } };
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  assert.deepEqual(Item, { ...Key, count: { N: '1' }, hits: { N: '1' } });
  await client.send(new DeleteItemCommand({ TableName, Key }));
  assert.equal((await client.send(new GetItemCommand({ TableName, Key }))).Item, undefined);
});
