// Delivery without a fold: cost, quota, races, redelivery in every order, lost answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../../test/support/stores.ts';
import { emptyState, fold, inboxId } from '../../mail/account/apply.ts';
import { openingEntry } from '../../mail/account/opening.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import type { MessageStore } from '../../mail/ports/message-store.ts';
import { type Delivery, DeliveryTooLate, deliverToAccount } from './deliver.ts';
import { sampleMessage, sampleRecord } from './testkit.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

let accounts = 0;
async function openAccount(): Promise<AccountKey> {
  const account = accountKey(`d${++accounts}`);
  await stores.log.append(account, openingEntry(stores.ids.entryId(), stores.clock.now()));
  return account;
}

function delivery(account: AccountKey, more: Partial<Delivery> = {}): Delivery {
  const record = sampleRecord(stores.ids.messageId(), account);
  return { account, quotaBytes: 0, mailbox: inboxId, record, flags: [], ...more };
}

async function messagesOf(account: AccountKey): Promise<readonly MessageId[]> {
  const columns = fold(emptyState, await stores.log.read(account, 0, 1000)).mailboxes.get(inboxId)?.columns;
  return Array.from({ length: columns?.count ?? 0 }, (_, row) => columns?.messageId(row) as MessageId);
}

test('a delivery is one read and two writes; with a hint it is two writes', async () => {
  const account = await openAccount();
  const first = delivery(account, { flags: ['$Junk'] });
  let head = {};
  const work = async () => {
    const delivered = await deliverToAccount(stores, first);
    assert.equal(delivered.outcome, 'delivered');
    head = { head: delivered.head };
  };
  assert.deepEqual(await stores.requests(work), ['PutItem Log', 'PutItem Messages', 'Query Log']);
  const second = delivery(account, head);
  assert.deepEqual(await stores.requests(() => deliverToAccount(stores, second)), [
    'PutItem Log',
    'PutItem Messages',
  ]);
  assert.deepEqual(await messagesOf(account), [first.record.messageId, second.record.messageId]);
});

test('no account, over quota, exactly at quota', async () => {
  const unknown = delivery(accountKey('nobody'));
  assert.equal((await deliverToAccount(stores, unknown)).outcome, 'no-account');
  const account = await openAccount();
  const quotaBytes = 2 * sampleMessage.length;
  for (const expected of ['delivered', 'delivered', 'over-quota'])
    assert.equal((await deliverToAccount(stores, delivery(account, { quotaBytes }))).outcome, expected);
  assert.equal((await messagesOf(account)).length, 2);
});

test('a full account still recognises what it took', async () => {
  const account = await openAccount();
  const quotaBytes = sampleMessage.length;
  const one = delivery(account, { quotaBytes });
  assert.equal((await deliverToAccount(stores, one)).outcome, 'delivered');
  assert.equal((await deliverToAccount(stores, one)).outcome, 'duplicate');
  assert.equal((await deliverToAccount(stores, delivery(account, { quotaBytes }))).outcome, 'over-quota');
});

test('a redelivery is known, also after many others', async () => {
  const account = await openAccount();
  const one = delivery(account);
  await deliverToAccount(stores, one);
  for (let n = 0; n < 250; n++) await deliverToAccount(stores, delivery(account));
  assert.equal((await deliverToAccount(stores, one)).outcome, 'duplicate');
  assert.equal((await messagesOf(account)).length, 251);
});

test('a delivery that stopped between record and entry is completed by the next try', async () => {
  const account = await openAccount();
  const one = delivery(account);
  await stores.messages.put(account, one.record);
  assert.equal((await deliverToAccount(stores, one)).outcome, 'delivered');
  assert.equal((await deliverToAccount(stores, one)).outcome, 'duplicate');
});

test('a slow first try that a second one overtook does not deliver again', async () => {
  const account = await openAccount();
  const one = delivery(account);
  // The first try stalls after its record is written; the second one does all of its work meanwhile.
  const stalled: MessageStore = Object.create(stores.messages, {
    put: {
      async value(...args: Parameters<MessageStore['put']>) {
        const standing = await stores.messages.put(...args);
        assert.equal((await deliverToAccount(stores, one)).outcome, 'delivered');
        await deliverToAccount(stores, delivery(account));
        return standing;
      },
    },
  });
  assert.equal((await deliverToAccount({ ...stores, messages: stalled }, one)).outcome, 'duplicate');
  assert.equal((await messagesOf(account)).length, 2);
});

test('many at once, some of them twice, with answers that are lost', async () => {
  const account = await openAccount();
  const remove = stores.cloud.faults.add({
    service: 'dynamodb',
    operation: 'PutItem',
    kind: 'lost',
    probability: 0.2,
  });
  const deliveries = Array.from({ length: 12 }, () => delivery(account));
  const outcomes = await Promise.all(
    [...deliveries, ...deliveries].map((one) => deliverToAccount(stores, one)),
  );
  remove();
  assert.equal(outcomes.filter(({ outcome }) => outcome === 'delivered').length, 12);
  const ids = await messagesOf(account);
  assert.deepEqual([...ids].sort(), deliveries.map(({ record }) => record.messageId).sort());
});

test('an old hint costs a race, a very old one is not believed', async () => {
  const account = await openAccount();
  const head = (await deliverToAccount(stores, delivery(account))).head;
  for (let n = 0; n < 5; n++) await deliverToAccount(stores, delivery(account));
  assert.equal((await deliverToAccount(stores, delivery(account, { head }))).outcome, 'delivered');
  await stores.clock.advance(2 * 3_600_000);
  const work = () => deliverToAccount(stores, delivery(account, { head }));
  assert.deepEqual(await stores.requests(work), ['PutItem Log', 'PutItem Messages', 'Query Log']);
  assert.equal((await messagesOf(account)).length, 8);
});

test('what is too old, or reaped, is not delivered', async () => {
  const account = await openAccount();
  const old = delivery(account);
  await stores.clock.advance(13 * 3_600_000);
  await assert.rejects(deliverToAccount(stores, old), DeliveryTooLate);
  const one = delivery(account);
  await stores.messages.put(account, one.record);
  const head = await stores.log.head(account);
  assert.ok(head !== undefined);
  const modSeq = (head.modSeq + 1) as typeof head.modSeq;
  const { version, totals, atMs, entryId } = head;
  const messageIds = [one.record.messageId];
  await stores.log.append(account, { version, totals, atMs, entryId, modSeq, kind: 'reaped', messageIds });
  await assert.rejects(deliverToAccount(stores, one), DeliveryTooLate);
});
