import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openStores, type TestStores } from '../../test/support/stores.ts';
import type { TenantId } from '../mail/ids.ts';
import type { Route } from '../mail/ports/directory-store.ts';
import { DynamoDirectoryStore } from './directory-store.ts';

let stores: TestStores;
let store: DynamoDirectoryStore;
const tenant = 'acme' as TenantId;

before(async () => {
  stores = await openStores();
  store = new DynamoDirectoryStore(stores.clients.dynamo, stores.names, randomUUID);
});
after(() => stores.close());

const alias = (...targets: readonly string[]): Route => ({ kind: 'alias', tenant, targets });
const put = (key: string, now: Route) => store.commit([{ table: 'routes', key, was: undefined, now }]);
const read = async (key: string) => (await store.routes([key], true)).get(key);

test('a change stands only on what it was decided on', async () => {
  assert.equal(await put('a@x.test', alias('1@x.test')), true);
  assert.equal(await put('a@x.test', alias('2@x.test')), false, 'it is there already');
  const was = await read('a@x.test');
  assert.equal(await store.commit([{ table: 'routes', key: 'a@x.test', was, now: alias('3@x.test') }]), true);
  assert.equal(await store.commit([{ table: 'routes', key: 'a@x.test', was, now: undefined }]), false);
  const now = await read('a@x.test');
  assert.ok(now?.kind === 'alias');
  assert.deepEqual(now.targets, ['3@x.test']);
});

test('an item made again is not the one that was read', async () => {
  await put('b@x.test', alias('1@x.test'));
  const old = await read('b@x.test');
  await store.commit([{ table: 'routes', key: 'b@x.test', was: old, now: undefined }]);
  await put('b@x.test', alias('1@x.test'));
  assert.equal(await store.commit([{ table: 'routes', key: 'b@x.test', was: old, now: undefined }]), false);
});

test('all changes or none, checks among them', async () => {
  await put('c@x.test', alias('1@x.test'));
  const was = await read('c@x.test');
  const check = { table: 'routes', key: 'c@x.test', was, now: was } as const;
  const make = { table: 'routes', key: 'd@x.test', was: undefined, now: alias('1@x.test') } as const;
  await store.commit([{ table: 'routes', key: 'c@x.test', was, now: alias('2@x.test') }]);
  assert.equal(await store.commit([check, make]), false);
  assert.equal(await read('d@x.test'), undefined);
});

test('a lost answer is not a lost race', async () => {
  const heal = stores.cloud.faults.add({ kind: 'lost', operation: 'TransactWriteItems', times: 1 });
  assert.equal(await put('e@x.test', alias('1@x.test')), true);
  assert.equal(heal(), 1);
});

test('more keys than one batch takes', async () => {
  const keys = Array.from({ length: 130 }, (_, n) => `many${n}@x.test`);
  for (const key of [keys[0], keys[99], keys[100], keys[129]]) await put(key ?? '', alias('1@x.test'));
  assert.equal((await store.routes(keys, false)).size, 4);
});
