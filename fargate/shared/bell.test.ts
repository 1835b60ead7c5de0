import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { AccountId, AccountKey, ModSeq, TenantId } from '../../core/mail/ids.ts';
import { DynamoBellLeases } from '../../core/store/bell-leases.ts';
import { openClients } from '../../core/store/clients.ts';
import { HttpDoorbell } from '../../core/store/http-doorbell.ts';
import { ensureTables, tableNames } from '../../core/store/tables.ts';
import { openCloud } from '../../local/cloud.ts';
import { FakeClock } from '../../local/fake-clock.ts';
import { startBell } from './bell.ts';

const account: AccountKey = { tenant: 'acme' as TenantId, account: 'a1' as AccountId };
const other: AccountKey = { tenant: 'acme' as TenantId, account: 'a' as AccountId };
const cloud = await openCloud();
after(() => cloud.close());
const clients = openClients({ requestHandler: cloud.requestHandler });
const names = tableNames('');
await ensureTables(clients.dynamo, names);

async function task() {
  const clock = new FakeClock();
  const leases = new DynamoBellLeases(clients.dynamo, names.directory);
  const bell = await startBell(leases, clock, { host: '127.0.0.1', port: 0, advertisedHost: '127.0.0.1' });
  return { clock, leases, bell, doorbell: new HttpDoorbell(leases, clock) };
}

test('a ring reaches the task that holds the account, and no other account', async (t) => {
  const { bell, doorbell } = await task();
  t.after(() => bell.close());
  const rings: (readonly [string, number])[] = [];
  await bell.hold(account, (modSeq) => rings.push(['account', modSeq]));
  await bell.hold(other, (modSeq) => rings.push(['other', modSeq]));
  await doorbell.ring(account, 7 as ModSeq);
  assert.deepEqual(rings, [['account', 7]]);
});

test('a lease lasts an hour, is renewed while somebody holds it, and used again until then', async (t) => {
  const { bell, leases, clock } = await task();
  t.after(() => bell.close());
  const key: AccountKey = { tenant: 'acme' as TenantId, account: 'released' as AccountId };
  const isLeased = async (inMinutes: number) =>
    (await leases.list(key, clock.now() + inMinutes * 60_000)).length === 1;
  const release = await bell.hold(key, () => {});
  assert.deepEqual([await isLeased(0), await isLeased(59), await isLeased(61)], [true, true, false]);
  await clock.advance(26 * 60_000);
  assert.equal(await isLeased(58), true, 'renewed');
  await release();
  await clock.advance(10 * 60_000);
  const again = await bell.hold(key, () => {});
  assert.equal(await isLeased(50), false, 'taken up as it was');
  await clock.advance(15 * 60_000);
  assert.equal(await isLeased(58), true, 'and renewed in its turn');
  await again();
  await clock.advance(26 * 60_000);
  assert.equal(await isLeased(0), true, 'nobody takes the trouble to delete it');
  await (await bell.hold(key, () => {}))();
  assert.equal(await isLeased(58), true, 'taken anew');
});

test('a ring for an account that was released is harmless; a task that ends gives up its leases', async () => {
  const { bell, leases, clock, doorbell } = await task();
  const key: AccountKey = { tenant: 'acme' as TenantId, account: 'left' as AccountId };
  let rings = 0;
  const release = await bell.hold(key, () => rings++);
  await release();
  await doorbell.ring(key, 1 as ModSeq);
  assert.equal(rings, 0);
  assert.equal((await leases.list(key, clock.now())).length, 1);
  await bell.close();
  assert.deepEqual(await leases.list(key, clock.now()), []);
});

test('a lease that could not be written is tried again by the next', async (t) => {
  const { bell, doorbell } = await task();
  t.after(() => bell.close());
  const key: AccountKey = { tenant: 'acme' as TenantId, account: 'unlucky' as AccountId };
  const stop = cloud.faults.add({ service: 'dynamodb', operation: 'PutItem', kind: 'error', times: 20 });
  await assert.rejects(bell.hold(key, () => {}));
  stop();
  let rings = 0;
  await bell.hold(key, () => rings++);
  await doorbell.ring(key, 1 as ModSeq);
  assert.equal(rings, 1);
});

test('a ring without the token is refused', async (t) => {
  const { bell } = await task();
  t.after(() => bell.close());
  let rung = false;
  const key: AccountKey = { tenant: 'acme' as TenantId, account: 'guarded' as AccountId };
  await bell.hold(key, () => {
    rung = true;
  });
  const body = JSON.stringify({ ...key, modSeq: 1 });
  const answer = await fetch(`http://127.0.0.1:${bell.port}/`, {
    method: 'POST',
    body,
    headers: { 'x-postfold-bell': 'x'.repeat(32) },
  });
  assert.equal(answer.status, 403);
  assert.equal(rung, false);
});

test('a task that died does not hold up the writer, and the less the second time', async () => {
  const { bell, leases, clock, doorbell } = await task();
  await bell.close();
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const key: AccountKey = { tenant: 'acme' as TenantId, account: 'orphan' as AccountId };
  await leases.put(key, { url: `http://127.0.0.1:${port}`, token: 'x' }, clock.now() + 60_000);
  const tookMs = async () => {
    const beganMs = performance.now();
    await doorbell.ring(key, 8 as ModSeq);
    return performance.now() - beganMs;
  };
  assert.ok((await tookMs()) >= 990);
  assert.ok((await tookMs()) < 900);
  silent.closeAllConnections();
  silent.close();
  await doorbell.ring(key, 9 as ModSeq);
});
