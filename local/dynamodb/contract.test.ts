/**
 * What this project relies on DynamoDB for, asked with the real SDK: single items and
 * their conditions. Runs on the embedded DynamoDB, or on POSTFOLD_TEST_AWS_ENDPOINT.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { openDynamo } from './test-support/client.ts';
import { createTable, refusal, type TestItem } from './test-support/tables.ts';

const { client, close } = openDynamo();
let TableName = '';

before(async () => {
  TableName = await createTable(client);
});
after(close);

const key = (pk: string, sk = 1): TestItem => ({ pk: { S: pk }, sk: { N: String(sk) } });
const put = (Item: TestItem) => client.send(new PutItemCommand({ TableName, Item }));
const get = async (Key: TestItem) =>
  (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;

/** Updates the item `pk`; names and values only where given. */
async function update(pk: string, UpdateExpression: string, more: Partial<UpdateItemCommandInput> = {}) {
  const command = new UpdateItemCommand({ TableName, Key: key(pk), UpdateExpression, ...more });
  return (await client.send(command)).Attributes;
}

/** Whether a condition holds for an item that is put first. */
async function holds(
  item: TestItem,
  ConditionExpression: string,
  ExpressionAttributeValues?: TestItem,
  ExpressionAttributeNames?: Record<string, string>,
): Promise<boolean> {
  await put({ ...key('condition'), ...item });
  try {
    await client.send(
      new DeleteItemCommand({
        TableName,
        Key: key('condition'),
        ConditionExpression,
        ...(ExpressionAttributeValues && { ExpressionAttributeValues }),
        ...(ExpressionAttributeNames && { ExpressionAttributeNames }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

test('every type of value comes back as it was put', async () => {
  const Item = {
    ...key('types'),
    empty: { S: '' },
    text: { S: 'naïve ✓' },
    binary: { B: Uint8Array.of(0, 255, 1) },
    yes: { BOOL: true },
    nothing: { NULL: true as const },
    list: { L: [{ N: '1' }, { M: { deep: { L: [] } } }] },
    strings: { SS: ['a', 'b'] },
    binaries: { BS: [Uint8Array.of(1), Uint8Array.of(2)] },
    __proto: { S: 'not a prototype' },
  };
  await put(Item);
  assert.deepEqual(await get(key('types')), Item);
});

test('numbers are exact and have one spelling', async () => {
  const spellings: [string, string][] = [
    ['1.0', '1'],
    ['1e3', '1000'],
    ['-0', '0'],
    ['007.50', '7.5'],
    ['.5', '0.5'],
    ['-0.00001230', '-0.0000123'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['9.99e125', `999${'0'.repeat(123)}`],
  ];
  for (const [given, stored] of spellings) {
    await put({ ...key('numbers'), n: { N: given } });
    assert.equal((await get(key('numbers')))?.n?.N, stored);
  }
  const refused = async (N: string) => await refusal(put({ ...key('numbers'), n: { N } }));
  assert.match(
    await refused('1e126'),
    /Number overflow\. Attempting to store a number with magnitude larger/,
  );
  assert.match(await refused('1e-131'), /Number underflow\. Attempting to store a number with magnitude sma/);
  assert.match(
    await refused('1'.repeat(39)),
    /Attempting to store more than 38 significant digits in a Number/,
  );
  assert.equal(
    await refused('twelve'),
    'ValidationException: The parameter cannot be converted to a numeric value: twelve',
  );
});

test('a conditional put of a taken key fails with the item that is there', async () => {
  const putOnce = (text: string) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { ...key('once'), text: { S: text } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  await putOnce('first');
  await assert.rejects(putOnce('second'), (error: unknown) => {
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, 'The conditional request failed');
    assert.deepEqual(error.Item, { ...key('once'), text: { S: 'first' } });
    return true;
  });
});

test('of many conditional puts at once exactly one wins', async () => {
  const puts = Array.from({ length: 20 }, (_, at) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: { ...key('race'), by: { N: String(at) } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
  const settled = await Promise.allSettled(puts);
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('conditions: comparisons, and what a missing attribute does to them', async () => {
  const item = { n: { N: '10' }, s: { S: 'abc' }, set: { SS: ['x', 'y'] } };
  assert.ok(await holds(item, 'n > :v', { ':v': { N: '9' } }), 'numbers by value, not text');
  assert.ok(await holds(item, 'n = :v', { ':v': { N: '1e1' } }));
  assert.ok(await holds(item, '#set = :v', { ':v': { SS: ['y', 'x'] } }, { '#set': 'set' }));
  assert.ok(!(await holds(item, 's < :v', { ':v': { N: '9' } })), 'types differ');
  assert.ok(!(await holds(item, 'gone = :v', { ':v': { N: '9' } })));
  assert.ok(await holds(item, 'gone <> :v', { ':v': { N: '9' } }));
  assert.ok(!(await holds(item, 'gone < :v', { ':v': { N: '9' } })));
  assert.ok(
    await holds(item, 'n BETWEEN :a AND :b AND s IN (:s, :t)', {
      ':a': { N: '10' },
      ':b': { N: '10' },
      ':s': { S: 'zzz' },
      ':t': { S: 'abc' },
    }),
  );
});

test('conditions: precedence of NOT, AND, OR and parentheses', async () => {
  const item = { a: { BOOL: true }, b: { BOOL: false }, c: { BOOL: false } };
  const values = { ':t': { BOOL: true } };
  assert.ok(await holds(item, 'a = :t OR b = :t AND c = :t', values));
  assert.ok(!(await holds(item, '(a = :t OR b = :t) AND c = :t', values)));
  assert.ok(await holds(item, 'NOT b = :t AND a = :t', values));
  assert.ok(!(await holds(item, 'not (b = :t or a = :t)', values)));
});

test('conditions: functions and document paths', async () => {
  const item = {
    doc: { M: { 'with.dot': { L: [{ N: '1' }, { M: { x: { S: 'deep' } } }] } } },
    tags: { SS: ['red', 'blue'] },
    nums: { NS: ['1', '2.50'] },
    title: { S: 'hello world' },
    bin: { B: Buffer.from('hello') },
  };
  const names = { '#w': 'with.dot' };
  assert.ok(await holds(item, 'doc.#w[1].x = :v', { ':v': { S: 'deep' } }, names));
  assert.ok(await holds(item, 'attribute_not_exists(doc.#w[2])', undefined, names));
  assert.ok(await holds(item, 'attribute_exists(doc.#w[0])', undefined, names));
  assert.ok(await holds(item, 'attribute_type(tags, :v)', { ':v': { S: 'SS' } }));
  assert.ok(await holds(item, 'begins_with(title, :v)', { ':v': { S: 'hell' } }));
  assert.ok(await holds(item, 'begins_with(bin, :v)', { ':v': { B: Buffer.from('he') } }));
  assert.ok(await holds(item, 'contains(tags, :v)', { ':v': { S: 'red' } }));
  assert.ok(!(await holds(item, 'contains(tags, :v)', { ':v': { S: 're' } })));
  assert.ok(await holds(item, 'contains(nums, :v)', { ':v': { N: '2.5' } }));
  assert.ok(await holds(item, 'contains(title, :v)', { ':v': { S: 'lo wo' } }));
  assert.ok(await holds(item, 'contains(doc.#w, :v)', { ':v': { N: '1.0' } }, names));
  assert.ok(await holds(item, 'size(title) = :v AND size(tags) < :v', { ':v': { N: '11' } }));
});

test('update: SET with arithmetic, if_not_exists and list_append', async () => {
  const values = { ':one': { N: '1' }, ':zero': { N: '0' }, ':l': { L: [{ S: 'x' }] }, ':e': { L: [] } };
  const expression =
    'SET n = if_not_exists(n, :zero) + :one, #l = list_append(if_not_exists(#l, :e), :l), m = :one - :zero';
  const more = { ExpressionAttributeValues: values, ExpressionAttributeNames: { '#l': 'list' } };
  await update('set', expression, more);
  const attributes = await update('set', expression, { ...more, ReturnValues: 'ALL_NEW' });
  assert.deepEqual(attributes, {
    ...key('set'),
    n: { N: '2' },
    list: { L: [{ S: 'x' }, { S: 'x' }] },
    m: { N: '1' },
  });
});

test('update: values are read from the item as it was', async () => {
  await put({ ...key('swap'), a: { S: 'A' }, b: { S: 'B' } });
  const swapped = await update('swap', 'SET a = b, b = a', { ReturnValues: 'UPDATED_NEW' });
  assert.deepEqual(swapped, { a: { S: 'B' }, b: { S: 'A' } });
});

test('update: sums are exact beyond 2^53', async () => {
  await put({ ...key('sum'), n: { N: '90071992547409930000000000000000000001' } });
  const sum = { ExpressionAttributeValues: { ':v': { N: '0.5' } }, ReturnValues: 'UPDATED_NEW' as const };
  assert.match(
    await refusal(update('sum', 'ADD n :v', sum)),
    /ValidationException: .*more than 38 significant digits|ValidationException: Number overflow/,
  );
  const whole = { ...sum, ExpressionAttributeValues: { ':v': { N: '-1' } } };
  assert.deepEqual(await update('sum', 'ADD n :v', whole), {
    n: { N: '90071992547409930000000000000000000000' },
  });
});

test('update: ADD and DELETE on sets', async () => {
  const strings = (...SS: string[]) => ({ ExpressionAttributeValues: { ':v': { SS } } });
  await update('sets', 'ADD tags :v', strings('a', 'b'));
  await update('sets', 'ADD tags :v', strings('b', 'c'));
  assert.deepEqual((await get(key('sets')))?.tags?.SS?.toSorted(), ['a', 'b', 'c']);
  await update('sets', 'DELETE tags :v', strings('a', 'z'));
  assert.deepEqual((await get(key('sets')))?.tags?.SS?.toSorted(), ['b', 'c']);
  await update('sets', 'DELETE tags :v', strings('b', 'c'));
  assert.deepEqual(await get(key('sets')), key('sets'), 'an empty set is gone');
});

test('update: nested paths, list elements set beyond the end and removed', async () => {
  await put({ ...key('nested'), m: { M: { l: { L: ['0', '1', '2', '3'].map((N) => ({ N })) } } } });
  await update('nested', 'REMOVE m.l[1], m.l[3] SET m.x = :v, m.l[9] = :v', {
    ExpressionAttributeValues: { ':v': { S: 'new' } },
  });
  assert.deepEqual(await get(key('nested')), {
    ...key('nested'),
    m: { M: { x: { S: 'new' }, l: { L: [{ N: '0' }, { N: '2' }, { S: 'new' }] } } },
  });
  assert.equal(
    await refusal(update('nested', 'SET gone.x = :v', { ExpressionAttributeValues: { ':v': { S: 'new' } } })),
    'ValidationException: The document path provided in the update expression is invalid for update',
  );
});

test('update: an item cannot be nested deeper step by step than at once', async () => {
  let deep: AttributeValue = { M: {} };
  for (let level = 2; level < 31; level += 1) deep = { M: { a: deep } };
  await put({ ...key('deep'), a: deep });
  const path = Array(30).fill('a').join('.');
  const nest = (v: AttributeValue) =>
    update('deep', `SET ${path}.a = :v`, { ExpressionAttributeValues: { ':v': v } });
  await nest({ M: { a: { L: [] } } });
  assert.match(
    await refusal(nest({ M: { a: { L: [{ S: '' }] } } })),
    /Nesting Levels have exceeded supported limits/,
  );
});

test('ReturnValues', async () => {
  const values = { ExpressionAttributeValues: { ':v': { N: '1' } } };
  await put({ ...key('returns'), a: { N: '0' }, m: { M: { x: { N: '0' }, y: { N: '0' } } } });
  const old = await update('returns', 'SET a = :v, m.x = :v', { ...values, ReturnValues: 'UPDATED_OLD' });
  assert.deepEqual(old, { a: { N: '0' }, m: { M: { x: { N: '0' } } } });
  const next = await update('returns', 'SET b = :v REMOVE a', { ...values, ReturnValues: 'UPDATED_NEW' });
  assert.deepEqual(next, { b: { N: '1' } });
  assert.equal(await update('returns', 'SET b = :v', values), undefined);
  const before = { ...key('returns'), b: { N: '1' }, m: { M: { x: { N: '1' }, y: { N: '0' } } } };
  const replaced = await client.send(
    new PutItemCommand({ TableName, Item: key('returns'), ReturnValues: 'ALL_OLD' }),
  );
  assert.deepEqual(replaced.Attributes, before);
  const gone = await client.send(
    new DeleteItemCommand({ TableName, Key: key('returns'), ReturnValues: 'ALL_OLD' }),
  );
  assert.deepEqual(gone.Attributes, key('returns'));
  const again = await client.send(
    new DeleteItemCommand({ TableName, Key: key('returns'), ReturnValues: 'ALL_OLD' }),
  );
  assert.equal(again.Attributes, undefined);
});

test('projections', async () => {
  const Item = {
    ...key('projection'),
    m: { M: { a: { N: '1' }, l: { L: ['x', 'y', 'z'].map((S) => ({ S })) } } },
  };
  await put(Item);
  const { Item: part } = await client.send(
    new GetItemCommand({
      TableName,
      Key: key('projection'),
      ProjectionExpression: 'm.l[2], m.l[0], #k, gone.x',
      ExpressionAttributeNames: { '#k': 'pk' },
    }),
  );
  assert.deepEqual(part, { pk: { S: 'projection' }, m: { M: { l: { L: [{ S: 'x' }, { S: 'z' }] } } } });
});
