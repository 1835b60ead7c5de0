import assert from 'node:assert/strict';
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

test('a released account has no lease; a lease that nobody renews runs out', async (t) => {
  const { bell, leases, clock } = await task();
  t.after(() => bell.close());
  const key: AccountKey = { tenant: 'acme' as TenantId, account: 'released' as AccountId };
  const release = await bell.hold(key, () => {});
  assert.equal((await leases.list(key, clock.now())).length, 1);
  assert.equal((await leases.list(key, clock.now() + 16 * 60_000)).length, 0);
  await release();
  assert.equal((await leases.list(key, clock.now())).length, 0);
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

test('a task that is gone does not hold up the writer', async () => {
  const { bell, doorbell } = await task();
  await bell.hold(account, () => {});
  await bell.close();
  await doorbell.ring(account, 8 as ModSeq);
});
