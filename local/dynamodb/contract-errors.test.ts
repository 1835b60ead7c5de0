/**
 * The refusals of DynamoDB in its own words, asked with the real SDK on the embedded
 * DynamoDB, or on POSTFOLD_TEST_AWS_ENDPOINT. Each case is a request and its answer.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { openDynamo } from './test-support/client.ts';
import { createTable, refusal, type TestItem } from './test-support/tables.ts';

const { client, close } = openDynamo();
let TableName = '';

before(async () => {
  TableName = await createTable(client, 'N', {
    AttributeDefinitions: [{ AttributeName: 'due', AttributeType: 'S' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-due',
        KeySchema: [{ AttributeName: 'due', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});
after(close);

const Key: TestItem = { pk: { S: 'a' }, sk: { N: '1' } };

type Names = Record<string, string>;

const put = (Item: TestItem) => client.send(new PutItemCommand({ TableName, Item }));

function check(ConditionExpression: string, values?: TestItem, names?: Names) {
  return client.send(
    new PutItemCommand({
      TableName,
      Item: Key,
      ConditionExpression,
      ...(values && { ExpressionAttributeValues: values }),
      ...(names && { ExpressionAttributeNames: names }),
    }),
  );
}

function update(UpdateExpression: string, values?: TestItem, names?: Names) {
  return client.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression,
      ...(values && { ExpressionAttributeValues: values }),
      ...(names && { ExpressionAttributeNames: names }),
    }),
  );
}

const query = (KeyConditionExpression: string, values: TestItem, IndexName?: string) =>
  client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression,
      ExpressionAttributeValues: values,
      ...(IndexName && { IndexName }),
    }),
  );

/** Runs the cases one by one; the expected texts are ValidationException messages. */
async function expectRefusals(cases: readonly (readonly [() => Promise<unknown>, string])[]) {
  for (const [request, message] of cases) {
    assert.equal(await refusal(request()), `ValidationException: ${message}`);
  }
}

const ONE = { ':v': { N: '1' } };
const A = { ':pk': { S: 'a' } };
const INVALID = 'One or more parameter values were invalid: ';
const EMPTY_KEY =
  'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value.';

test('tables that do not exist', async () => {
  assert.equal(
    await refusal(client.send(new GetItemCommand({ TableName: 'no-such-table', Key }))),
    'ResourceNotFoundException: Requested resource not found',
  );
  assert.equal(
    await refusal(client.send(new DescribeTableCommand({ TableName: 'no-such-table' }))),
    'ResourceNotFoundException: Requested resource not found: Table: no-such-table not found',
  );
});

test('keys of the wrong shape', async () => {
  const get = (key: TestItem) => client.send(new GetItemCommand({ TableName, Key: key }));
  await expectRefusals([
    [() => put({ pk: { S: 'a' } }), `${INVALID}Missing the key sk in the item`],
    [
      () => put({ pk: { N: '1' }, sk: { N: '1' } }),
      `${INVALID}Type mismatch for key pk expected: S actual: N`,
    ],
    [() => get({ pk: { S: 'a' } }), 'The provided key element does not match the schema'],
    [() => get({ ...Key, x: { S: 'a' } }), 'The provided key element does not match the schema'],
    [() => get({ pk: { S: 'a' }, sk: { S: '1' } }), 'The provided key element does not match the schema'],
    [() => put({ pk: { S: '' }, sk: { N: '1' } }), `${EMPTY_KEY} Key: pk`],
    [
      () => put({ ...Key, due: { N: '1' } }),
      `${INVALID}Type mismatch for Index Key due Expected: S Actual: N IndexName: by-due`,
    ],
    [
      () => put({ pk: { S: 'p'.repeat(2049) }, sk: { N: '1' } }),
      `${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    ],
  ]);
});

test('items of the wrong content', async () => {
  await expectRefusals([
    [
      () => put({ ...Key, x: { S: 'x'.repeat(400 * 1024) } }),
      'Item size has exceeded the maximum allowed size',
    ],
    [() => put({ ...Key, x: { SS: [] } }), `${INVALID}An string set  may not be empty`],
    [
      () => put({ ...Key, x: { SS: ['a', 'b', 'a'] } }),
      `${INVALID}Input collection [a, b, a] contains duplicates.`,
    ],
    [() => put({ ...Key, x: { NS: ['1', '1.0'] } }), 'Input collection contains duplicates'],
  ]);
});

test('expressions that are not well formed', async () => {
  const condition = 'Invalid ConditionExpression: ';
  await expectRefusals([
    [() => check('a ='), `${condition}Syntax error; token: "<EOF>", near: "="`],
    [() => check('a = :v b', ONE), `${condition}Syntax error; token: "b", near: ":v b"`],
    [() => check('a == :v', ONE), `${condition}Syntax error; token: "=", near: "== :v"`],
    [() => check(''), `${condition}The expression can not be empty;`],
    [
      () => check('size = :v', ONE),
      `${condition}Attribute name is a reserved keyword; reserved keyword: size`,
    ],
    [() => check('foo(a)'), `${condition}Invalid function name; function: foo`],
    [
      () => check('begins_with(a)'),
      `${condition}Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1`,
    ],
    [
      () => check('attribute_exists(:v)', ONE),
      `${condition}Operator or function requires a document path; operator or function: attribute_exists`,
    ],
    [
      () => check('a < :v', { ':v': { BOOL: true } }),
      `${condition}Incorrect operand type for operator or function; operator or function: <, operand type: BOOL`,
    ],
    [
      () => check('a = a'),
      `${condition}The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]`,
    ],
    [
      () => check('attribute_type(a, :v)', { ':v': { S: 'X' } }),
      `${condition}Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
    ],
    [
      () => check('a BETWEEN :b AND :a', { ':a': { N: '1' }, ':b': { N: '2' } }),
      `${condition}The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}`,
    ],
  ]);
});

test('placeholders that are missing, unused or not placeholders', async () => {
  await expectRefusals([
    [
      () => check('a = :v'),
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    ],
    [
      () => check('#a = :v', ONE),
      'Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #a',
    ],
    [
      () => check('a = :v', { ...ONE, ':w': { N: '1' } }),
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}',
    ],
    [
      () => check('a = :v', ONE, { '#w': 'w' }),
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#w}',
    ],
    [
      () => check('a = :v', ONE, { w: 'w' }),
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "w"',
    ],
    [
      () => check('a = :v', { v: { N: '1' } }),
      'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"',
    ],
    [() => check('a = :v', {}), 'ExpressionAttributeValues must not be empty'],
    [
      () => check('a = :v', { ':v': { SS: [] } }),
      'ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :v',
    ],
  ]);
});

test('updates that may not be', async () => {
  await put({ ...Key, text: { S: 'x' } });
  const invalid = 'Invalid UpdateExpression: ';
  await expectRefusals([
    [
      () => update('SET sk = :v', ONE),
      `${INVALID}Cannot update attribute sk. This attribute is part of the key`,
    ],
    [
      () => update('SET a = :v, a.b = :v', ONE),
      `${invalid}Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]`,
    ],
    [
      () => update('SET a.b = :v, a[0] = :v', ONE),
      `${invalid}Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]`,
    ],
    [
      () => update('SET a = :v SET b = :v', ONE),
      `${invalid}The "SET" section can only be used once in an update expression;`,
    ],
    [
      () => update('SET a = b'),
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    [
      () => update('SET a = #t + :v', ONE, { '#t': 'text' }),
      'An operand in the update expression has an incorrect data type',
    ],
    [
      () => update('ADD a :v', { ':v': { S: 'x' } }),
      `${invalid}Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND`,
    ],
    [
      () => update('SET a = :v', { ':v': { S: 'x'.repeat(400 * 1024) } }),
      'Item size to update has exceeded the maximum allowed size',
    ],
    [() => update('SET'), `${invalid}Syntax error; token: "<EOF>", near: "SET"`],
  ]);
});

test('queries that may not be', async () => {
  const start = (ExclusiveStartKey: TestItem) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: A,
        ExclusiveStartKey,
      }),
    );
  await expectRefusals([
    [() => query('sk = :v', ONE), 'Query condition missed key schema element: pk'],
    [() => query('pk > :pk', A), 'Query key condition not supported'],
    [() => query('pk = :pk AND x = :v', { ...A, ...ONE }), 'Query condition missed key schema element: sk'],
    [
      () => query('pk = :pk AND sk > :v AND sk < :v', { ...A, ...ONE }),
      'KeyConditionExpressions must only contain one condition per key',
    ],
    [
      () => query('pk = :pk OR sk = :v', { ...A, ...ONE }),
      'Invalid operator used in KeyConditionExpression: OR',
    ],
    [
      () => query('pk = :pk AND sk = :v', { ...A, ':v': { S: 'x' } }),
      `${INVALID}Condition parameter type does not match schema type`,
    ],
    [() => query('due = :pk', A, 'gone'), 'The table does not have the specified index: gone'],
    [
      () =>
        client.send(
          new QueryCommand({
            TableName,
            IndexName: 'by-due',
            KeyConditionExpression: 'due = :pk',
            ExpressionAttributeValues: A,
            ConsistentRead: true,
          }),
        ),
      'Consistent reads are not supported on global secondary indexes',
    ],
    [() => start({ pk: { S: 'a' } }), 'The provided starting key is invalid'],
    [
      () =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk',
            FilterExpression: 'sk = :v',
            ExpressionAttributeValues: { ...A, ...ONE },
          }),
        ),
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    ],
  ]);
});
