// Leases at the doorbell: who is listed, also among many that ran out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../test/support/stores.ts';
import { DynamoBellLeases } from './bell-leases.ts';

let stores: TestStores;
let leases: DynamoBellLeases;
before(async () => {
  stores = await openStores();
  leases = new DynamoBellLeases(stores.clients.dynamo, stores.names.directory);
});
after(() => stores.close());

const hour = 3_600_000;
const lease = (n: number) => ({ url: `http://10.0.0.${n}:8080/`, token: `t${n}` });

test('a lease is listed until it ends or is given up, for its account alone', async () => {
  const [one, other] = [accountKey('one'), accountKey('one-more')];
  const nowMs = stores.clock.now();
  await leases.put(one, lease(1), nowMs + hour);
  await leases.put(other, lease(2), nowMs + hour);
  assert.deepEqual(await leases.list(one, nowMs), [lease(1)]);
  assert.deepEqual(await leases.list(one, nowMs + hour), []);
  await leases.delete(other, lease(2));
  assert.deepEqual(await leases.list(other, nowMs), []);
});

test('leases of tasks long gone do not hide one that holds', async () => {
  const account = accountKey('busy');
  const nowMs = stores.clock.now();
  for (let n = 1; n <= 60; n++) await leases.put(account, lease(n), nowMs - hour);
  await leases.put(account, lease(99), nowMs + hour);
  assert.deepEqual(await leases.list(account, nowMs), [lease(99)]);
});
