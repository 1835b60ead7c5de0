/**
 * Creating, describing, listing and deleting tables, and their TTL setting. Asked with the
 * real SDK on the embedded DynamoDB, or on POSTFOLD_TEST_AWS_ENDPOINT.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { openDynamo } from './test-support/client.ts';
import { createTable, refusal } from './test-support/tables.ts';

const { client, close, embedded } = openDynamo();
after(close);

const describe = async (TableName: string) =>
  (await client.send(new DescribeTableCommand({ TableName }))).Table;

test('a table is described as it was created', async () => {
  const TableName = await createTable(client, 'B', {
    AttributeDefinitions: [{ AttributeName: 'due', AttributeType: 'N' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-due',
        KeySchema: [{ AttributeName: 'due', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x'] },
      },
    ],
  });
  const table = await describe(TableName);
  assert.equal(table?.TableStatus, 'ACTIVE');
  assert.equal(table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST');
  assert.match(table?.TableArn ?? '', new RegExp(`^arn:aws:dynamodb:.+:table/${TableName}$`));
  assert.ok(table?.CreationDateTime instanceof Date);
  assert.deepEqual(table?.KeySchema, [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ]);
  const [index] = table?.GlobalSecondaryIndexes ?? [];
  assert.equal(index?.IndexStatus, 'ACTIVE');
  assert.deepEqual(index?.Projection, { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x'] });
  const types = table?.AttributeDefinitions?.map(
    ({ AttributeName, AttributeType }) => `${String(AttributeName)}:${String(AttributeType)}`,
  );
  assert.deepEqual(types?.toSorted(), ['due:N', 'pk:S', 'sk:B']);
});

test('a name is taken once, listed, and free again after the table is deleted with its items', async () => {
  const TableName = await createTable(client, null);
  const Item = { pk: { S: 'x' } };
  await client.send(new PutItemCommand({ TableName, Item }));
  const definition: CreateTableCommandInput = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  };
  assert.match(await refusal(client.send(new CreateTableCommand(definition))), /^ResourceInUseException: /);
  const names: string[] = [];
  let start: string | undefined;
  do {
    const page = await client.send(
      new ListTablesCommand({ Limit: 1, ...(start && { ExclusiveStartTableName: start }) }),
    );
    names.push(...(page.TableNames ?? []));
    start = page.LastEvaluatedTableName;
  } while (start !== undefined);
  assert.ok(names.includes(TableName));
  assert.deepEqual(names, [...new Set(names)].sort());
  const { TableDescription } = await client.send(new DeleteTableCommand({ TableName }));
  assert.equal(TableDescription?.TableStatus, 'DELETING');
  await waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 2 }, { TableName });
  await client.send(new CreateTableCommand(definition));
  await describe(TableName);
  if (embedded === undefined) return;
  assert.equal((await client.send(new GetItemCommand({ TableName, Key: Item }))).Item, undefined);
});

test('definitions that contradict themselves are refused', async () => {
  const create = (more: Partial<CreateTableCommandInput>) =>
    refusal(
      client.send(
        new CreateTableCommand({
          TableName: 'contradictory',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          ...more,
        }),
      ),
    );
  const refused = /^ValidationException: /;
  assert.match(await create({ KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] }), refused);
  assert.match(await create({ KeySchema: [{ AttributeName: 'pk', KeyType: 'RANGE' }] }), refused);
  assert.match(await create({ TableName: 'x' }), refused);
  assert.match(await create({ TableName: 'with space' }), refused);
  const unused = [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'more', AttributeType: 'S' as const },
  ];
  assert.match(await create({ AttributeDefinitions: unused }), refused);
});

test('TTL is switched on once, described, and off by its own name', async () => {
  const TableName = await createTable(client, null);
  const set = (AttributeName: string, Enabled: boolean) =>
    client.send(
      new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } }),
    );
  const status = async () =>
    (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
  assert.deepEqual(await status(), { TimeToLiveStatus: 'DISABLED' });
  await set('expires', true);
  assert.match((await status())?.TimeToLiveStatus ?? '', /^ENABL/);
  assert.equal((await status())?.AttributeName, 'expires');
  assert.match(await refusal(set('expires', true)), /^ValidationException: TimeToLive is already enabled/);
  assert.match(
    await refusal(set('other', false)),
    /^ValidationException: TimeToLive is active on a different/,
  );
});
