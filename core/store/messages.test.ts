// Table Messages through the real SDK.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../test/support/stores.ts';
import { messageId } from '../mail/account/testkit.ts';
import type { MessageRecord } from '../mail/message-record.ts';
import { itemOfRecord, recordOfItem } from './message-item.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

const anna = accountKey('anna');
const bert = accountKey('bert');

function record(n: number, preview = 'Hello'): MessageRecord {
  return {
    messageId: messageId(n),
    body: {
      key: `acme/bodies/2026-01-01/${messageId(n)}`,
      prefix: 'Received: \xff\r\n',
      cuts: [[3, 9]],
      sizeBytes: 1000,
    },
    internalDateMs: 1_700_000_000_000,
    envelope: '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)',
    bodyStructure: '("text" "plain" NIL NIL NIL "7bit" 10 1)',
    parts: '1;',
    preview,
    holders: [anna.account, bert.account],
  };
}

test('a record is written once; the second writer is given the first record', async () => {
  assert.equal(await stores.messages.put(anna, record(1)), undefined);
  assert.deepEqual(await stores.messages.put(anna, record(1, 'other')), record(1));
  assert.equal(await stores.messages.put(bert, record(1)), undefined);
});

test('records are read by id in any number, and listed in order of time', async () => {
  const account = accountKey('many');
  const numbers = Array.from({ length: 230 }, (_, n) => n);
  await Promise.all(numbers.map((n) => stores.messages.put(account, record(n))));
  const ids = [...numbers.map(messageId), messageId(999)];
  const found = await stores.messages.get(account, ids);
  assert.equal(found.size, 230);
  assert.deepEqual(found.get(messageId(229)), record(229));
  const listed = await stores.messages.list(account, messageId(5), 3);
  assert.deepEqual(
    listed.map((one) => one.messageId),
    [6, 7, 8].map(messageId),
  );
  assert.equal((await stores.messages.list(account, '', 1000)).length, 230);
});

test('an ordinary read is one cheap request', async () => {
  const work = () => stores.messages.get(anna, [messageId(1)]);
  assert.deepEqual(await stores.requests(work), ['BatchGetItem Messages']);
});

test('who holds a message: neither the marked nor the deleted', async () => {
  for (const account of [anna, bert]) await stores.messages.put(account, record(50));
  const holding = () => stores.messages.holding([anna, bert, accountKey('eve')], messageId(50));
  assert.deepEqual(await holding(), [anna, bert]);
  await stores.messages.markReaped(anna, messageId(50));
  await stores.messages.markReaped(anna, messageId(50));
  assert.deepEqual(await holding(), [bert]);
  await stores.messages.delete(bert, messageId(50));
  await stores.messages.delete(bert, messageId(50));
  assert.deepEqual(await holding(), []);
  await stores.messages.markReaped(bert, messageId(50));
  assert.equal((await stores.messages.get(bert, [messageId(50)])).size, 0);
});

// Golden since version 1: such items are in tables; change the code, never this.
test('golden item of version 1', () => {
  const item = {
    account: { S: 'acme#anna' },
    messageId: { S: messageId(1) },
    v: { N: '1' },
    key: { S: `acme/bodies/2026-01-01/${messageId(1)}` },
    size: { N: '1000' },
    prefix: { S: 'Received: \xff\r\n' },
    cuts: { L: [{ L: [{ N: '3' }, { N: '9' }] }] },
    date: { N: '1700000000000' },
    env: { S: '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)' },
    bs: { S: '("text" "plain" NIL NIL NIL "7bit" 10 1)' },
    parts: { S: '1;' },
    pre: { S: 'Hello' },
    held: { L: [{ S: 'anna' }, { S: 'bert' }] },
  };
  assert.deepEqual(recordOfItem(item), record(1));
  assert.throws(() => recordOfItem({ ...item, v: { N: '3' } }), { code: 'ERR_ASSERTION' });
});

// The octets may differ from one zlib to the next, but all that were ever written stay readable.
test('golden item of version 2', () => {
  const golden =
    'izYEeR45REwMdUwMdIx0THUsdQxNYnWio411LGNjdZQSk3NT9ZPyUzJTi/VBvtQ1MNQ1MNQ3MLRISk5LNdU1S0q10AUZpGsBIpBKIkOlWC4NNItxYU30fIulSWNooGCoaWgNbu0l5uUlKiSlFpUg2v6H9/NyAQA=';
  const item = itemOfRecord(anna, record(1));
  assert.deepEqual(
    { ...item, r: undefined },
    { account: { S: 'acme#anna' }, messageId: { S: messageId(1) }, v: { N: '2' }, r: undefined },
  );
  assert.deepEqual(recordOfItem({ ...item, r: { B: Buffer.from(golden, 'base64') } }), record(1));
});
