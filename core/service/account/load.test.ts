// Loading from snapshots and the log: damage, absence, a trimmed log, a session that fell off it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../../test/support/stores.ts';
import { decideSubscribe } from '../../mail/account/decide-subscribe.ts';
import { encodeSnapshot } from '../../mail/account/snapshot.ts';
import { plainState } from '../../mail/account/testkit.ts';
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import { LogTruncated, loadAccount, loadAccountAt } from './load.ts';
import { defaultAccountSettings } from './settings.ts';
import { SharedAccount } from './shared-account.ts';
import { listSnapshots, type SnapshotPlace, snapshotPrefix, superfluousSnapshots } from './snapshots.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

let count = 0;
const settings = { ...defaultAccountSettings, snapshotEvery: 10 };

/** An account with snapshots at 11, 21 and so on, and three entries after the last. */
async function accountWith(snapshots: number): Promise<SharedAccount> {
  const account = await SharedAccount.load(accountKey(`l${++count}`), stores, settings);
  for (let n = 1; n <= snapshots; n++) {
    await subscribe(account, 10);
    await account.cutSnapshotIfDue();
  }
  await subscribe(account, 3);
  return account;
}

async function subscribe(account: SharedAccount, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const name = `n${account.state.modSeq}`;
    await account.commit((state) => decideSubscribe(state, name, true));
  }
}

async function damage(key: AccountKey, newest: number): Promise<void> {
  const place = (await listSnapshots(stores.bodies, key))[newest];
  assert.ok(place !== undefined);
  await stores.bodies.put(place.key, Buffer.from('not a snapshot'));
  await stores.bodies.put(newestKey(key), Buffer.from('not a snapshot'));
}

/** Where the newest snapshot stands once more. */
function newestKey(key: AccountKey): string {
  return `${snapshotPrefix(key)}newest`;
}

test('the newest snapshot is taken; a damaged one is passed over; without any the log alone does', async () => {
  const { key, state } = await accountWith(3);
  const expected = plainState(state);
  for (const from of [31, 21, 0]) {
    const loaded = await loadAccount(stores, key);
    assert.equal(loaded.snapshotModSeq, from);
    assert.deepEqual(plainState(loaded.state), expected);
    if (from > 21) await damage(key, 0);
    else if (from > 0) await damage(key, 1);
  }
});

test('the newest is found by one read, and where it fails by a list', async () => {
  const { key, state } = await accountWith(3);
  const expected = plainState(state);
  const newest = await stores.bodies.read(newestKey(key), 0, Number.POSITIVE_INFINITY);
  const second = (await listSnapshots(stores.bodies, key))[1];
  assert.ok(second !== undefined);
  const older = await stores.bodies.read(second.key, 0, Number.POSITIVE_INFINITY);
  const loaded = async () => {
    const { state: now, snapshotModSeq } = await loadAccount(stores, key);
    assert.deepEqual(plainState(now), expected);
    return snapshotModSeq;
  };
  await stores.bodies.put(newestKey(key), older);
  assert.equal(await loaded(), 21, 'an older one does, with more of the log');
  await stores.log.trim(key, 25 as ModSeq, 100);
  assert.equal(await loaded(), 31, 'until the log does not reach back to it');
  await stores.bodies.delete([newestKey(key)]);
  assert.equal(await loaded(), 31, 'a trimmed log says that there must be one');
  await stores.bodies.put(newestKey(key), newest);
  assert.equal(await loaded(), 31);
});

test('a snapshot that the log does not confirm is not believed', async () => {
  const { key, state } = await accountWith(1);
  const put = (modSeq: number, octets: Uint8Array) =>
    stores.bodies.put(snapshotPrefix(key) + String(modSeq).padStart(16, '0'), octets);
  // Ahead of the log; with other totals; of another entry than its name says.
  await put(900, encodeSnapshot({ ...state, modSeq: 900 as ModSeq }));
  await put(13, encodeSnapshot({ ...state, modSeq: 13 as ModSeq, totals: { bytes: 5, messages: 1 } }));
  await put(12, encodeSnapshot(state));
  const loaded = await loadAccount(stores, key);
  assert.equal(loaded.snapshotModSeq, 11);
  assert.deepEqual(plainState(loaded.state), plainState(state));
});

test('the past is folded, from a snapshot or from the beginning', async () => {
  const account = await accountWith(0);
  const past: { readonly timeMs: number; readonly image: unknown }[] = [];
  for (let hour = 0; hour < 4; hour++) {
    past.push({ timeMs: stores.clock.now(), image: plainState(account.state) });
    await stores.clock.advance(3_600_000);
    await subscribe(account, 8);
    await account.cutSnapshotIfDue();
  }
  assert.equal((await listSnapshots(stores.bodies, account.key)).length, 2);
  const check = async (from: number) => {
    for (const { timeMs, image } of past.slice(from))
      assert.deepEqual(plainState(await loadAccountAt(stores, account.key, timeMs + 1000)), image);
  };
  await check(0);
  const oldest = (await listSnapshots(stores.bodies, account.key)).at(-1);
  assert.ok(oldest !== undefined);
  await stores.log.trim(account.key, oldest.modSeq, 100);
  await check(3);
  await assert.rejects(loadAccountAt(stores, account.key, past[0]?.timeMs ?? 0), LogTruncated);
});

test('a session that fell off the log goes on from a snapshot', async () => {
  const sleeper = await accountWith(0);
  const other = await SharedAccount.load(sleeper.key, stores, settings);
  await subscribe(other, 20);
  await other.cutSnapshotIfDue();
  await stores.log.trim(sleeper.key, 15 as ModSeq, 100);
  let changes = 0;
  sleeper.onChange(() => changes++);
  await sleeper.refresh();
  assert.equal(changes, 1);
  assert.deepEqual(plainState(sleeper.state), plainState(other.state));
});

test('a trimmed log without a snapshot is corruption, not an empty account', async () => {
  const { key } = await accountWith(0);
  await stores.log.trim(key, 2 as ModSeq, 100);
  await assert.rejects(loadAccount(stores, key), LogTruncated);
});

test('which snapshots are kept: the two newest, one of each quarter of the window, and its base', () => {
  const place = (cutAtMs: number): SnapshotPlace => ({
    key: `k${cutAtMs}`,
    modSeq: cutAtMs as ModSeq,
    cutAtMs,
  });
  const superfluous = (nowMs: number, ...cut: number[]) =>
    superfluousSnapshots(cut.map(place), nowMs, 40).map(({ modSeq }) => modSeq);
  assert.deepEqual(superfluous(100, 99, 98, 97, 96), [97, 96]);
  assert.deepEqual(superfluous(100, 99, 98, 89, 88, 75, 71, 65), [88, 71]);
  assert.deepEqual(superfluous(100, 99, 98, 60, 59, 12), [59, 12]);
  assert.deepEqual(superfluous(500, 99, 98, 60, 12), [60, 12]);
  // Cut every day for ever: the base follows, and few are kept.
  let kept: number[] = [];
  for (let day = 1; day <= 300; day++) {
    kept = [day, ...kept];
    const gone = superfluous(day, ...kept);
    kept = kept.filter((cut) => !gone.includes(cut as ModSeq));
    if (day > 100)
      assert.ok(kept.length <= 8 && (kept.at(-1) ?? 0) > day - 60 && (kept.at(-1) ?? day) <= day - 40);
  }
});

test('old snapshots are cleared away when new ones are cut', async () => {
  const { key } = await accountWith(5);
  assert.deepEqual(
    (await listSnapshots(stores.bodies, key)).map(({ modSeq }) => modSeq),
    [51, 41],
  );
});
