// Shared accounts over the real stores: what sessions see, races between processes, costs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../../test/support/stores.ts';
import { inboxId } from '../../mail/account/apply.ts';
import { decideAppend } from '../../mail/account/decide-append.ts';
import { decideCreate } from '../../mail/account/decide-create.ts';
import { decideExpunge } from '../../mail/account/decide-expunge.ts';
import { decideSubscribe } from '../../mail/account/decide-subscribe.ts';
import { mailboxNamed } from '../../mail/account/state.ts';
import { plainState } from '../../mail/account/testkit.ts';
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import type { DoorbellListener } from '../../mail/ports/doorbell.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import { SharedAccounts } from './accounts.ts';
import { commitAll, storeFlags } from './commit-all.ts';
import type { Account } from './contract.ts';
import { deliverToAccount } from './deliver.ts';
import { listSnapshots } from './snapshots.ts';
import { chunksOf, sampleMessage, sampleRecord } from './testkit.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

let count = 0;
const newKey = () => accountKey(`s${++count}`);

async function deliver(account: AccountKey): Promise<void> {
  const record = sampleRecord(stores.ids.messageId(), account);
  await stores.bodies.put(record.body.key, sampleMessage);
  const delivered = await deliverToAccount(stores, {
    account,
    quotaBytes: 0,
    mailbox: inboxId,
    record,
    flags: [],
  });
  assert.equal(delivered.outcome, 'delivered');
}

function inboxCount({ state }: Account): number {
  return state.mailboxes.get(inboxId)?.columns.count ?? -1;
}

test('an account is opened on first use and shared while held', async () => {
  const accounts = new SharedAccounts(stores);
  const key = newKey();
  const [a, b] = await Promise.all([accounts.open(key, 0), accounts.open(key, 7)]);
  assert.equal(a.state, b.state);
  assert.equal(a.state.modSeq, 1);
  assert.deepEqual([a.quotaBytes, b.quotaBytes], [0, 7]);
  assert.equal(accounts.size, 1);
  await a.release();
  await a.release();
  await b.commit((state) => decideSubscribe(state, 'x', true));
  await b.release();
  assert.equal(accounts.size, 1);
  await stores.clock.advance(61_000);
  assert.equal(accounts.size, 0);
  await accounts.close();
});

test('a change is one put, a look at the tail one query, nothing to do one query', async () => {
  const accounts = new SharedAccounts(stores);
  const account = await accounts.open(newKey(), 0);
  const subscribe = (on: boolean) => account.commit((state) => decideSubscribe(state, 'Work', on));
  assert.deepEqual(await stores.requests(() => subscribe(true)), ['PutItem Log']);
  assert.deepEqual(await stores.requests(() => account.refresh()), ['Query Log']);
  assert.deepEqual(await stores.requests(() => subscribe(true)), ['Query Log']);
  await account.release();
  await accounts.close();
});

test('refreshes share a read, but never one that began before the call', async () => {
  let answer: (() => void) | undefined;
  let slow = false;
  const log: LogStore = {
    head: (account) => stores.log.head(account),
    append: (account, entry) => stores.log.append(account, entry),
    async read(...args) {
      const entries = await stores.log.read(...args);
      if (slow)
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      return entries;
    },
  };
  const accounts = new SharedAccounts({ ...stores, log });
  const key = newKey();
  const account = await accounts.open(key, 0);
  slow = true;
  const early = account.refresh();
  while (answer === undefined) await stores.clock.advance(0);
  // The early read has its answer already, though it has not come here yet.
  await deliver(key);
  const work = async () => {
    const late = Promise.all([account.refresh(), account.refresh(), account.refresh()]);
    slow = false;
    answer?.();
    await early;
    assert.equal(inboxCount(account), 0);
    await late;
    assert.equal(inboxCount(account), 1);
  };
  assert.deepEqual(await stores.requests(work), ['Query Log']);
  await account.release();
  await accounts.close();
});

test('two processes change one account: all changes stand, both see the same', async () => {
  const key = newKey();
  const processes = [new SharedAccounts(stores), new SharedAccounts(stores)];
  const held = await Promise.all(processes.map((accounts) => accounts.open(key, 0)));
  const remove = stores.cloud.faults.add({
    service: 'dynamodb',
    operation: 'PutItem',
    kind: 'lost',
    probability: 0.15,
  });
  const names = held.flatMap((account, process) =>
    Array.from({ length: 15 }, (_, n) => ({ account, name: `p${process}-${n}` })),
  );
  const nowMs = stores.clock.now();
  const done = await Promise.all(
    names.map(({ account, name }) =>
      account.commit((state) => decideCreate(state, { name, mint: stores.ids.mailboxId, nowMs })),
    ),
  );
  remove();
  assert.ok(done.every(({ kind }) => kind === 'done'));
  await Promise.all(held.map((account) => account.refresh()));
  const [a, b] = held;
  assert.ok(a !== undefined && b !== undefined);
  assert.deepEqual(plainState(a.state), plainState(b.state));
  for (const { name } of names) assert.ok(mailboxNamed(a.state, name) !== undefined);
  const loser = await b.commit((state) =>
    decideCreate(state, { name: 'p0-0', mint: stores.ids.mailboxId, nowMs }),
  );
  assert.equal(loser.kind === 'refused' && loser.refusal.code, 'ALREADYEXISTS');
  for (const account of held) await account.release();
  for (const accounts of processes) await accounts.close();
});

test('a refusal is true of the newest state', async () => {
  const key = newKey();
  const [here, there] = [new SharedAccounts(stores), new SharedAccounts(stores)];
  const [a, b] = [await here.open(key, 0), await there.open(key, 0)];
  const nowMs = stores.clock.now();
  const create = { name: 'Late', mint: stores.ids.mailboxId, nowMs };
  await a.commit((state) => decideCreate(state, create));
  const appended = await b.commit((state) => {
    const target = mailboxNamed(state, 'Late');
    if (target === undefined) return { refusal: { code: 'TRYCREATE', text: 'no' } };
    return {
      append: { kind: 'subscribed', name: 'Late', subscribed: true },
      bytesDelta: 0,
      messagesDelta: 0,
    };
  });
  assert.equal(appended.kind, 'done');
  await here.close();
  await there.close();
});

test('APPEND: staged, named, read back exactly, small and large', async () => {
  const accounts = new SharedAccounts(stores, { smallBodyBytes: 1000 });
  const account = await accounts.open(newKey(), 0);
  for (const size of [0, 500, 3_000_000]) {
    const octets = Buffer.concat([sampleMessage, Buffer.alloc(size, 'x\r\n')]);
    const staged = await account.stage(chunksOf(octets, 65_536), 1_700_000_000_999);
    assert.deepEqual(
      { ...staged, messageId: '' },
      { messageId: '', sizeBytes: octets.length, internalDateMs: 1_700_000_000_000 },
    );
    const committed = await account.commit((state) =>
      decideAppend(state, inboxId, [{ ...staged, flags: ['\\Seen'] }], 0, stores.clock.now()),
    );
    assert.ok(committed.kind === 'done' && committed.effect.appended !== undefined);
    assert.equal(committed.effect.appended.uids.length, 1);
    const [record] = await account.records([staged.messageId]);
    assert.ok(record !== undefined);
    assert.ok(Buffer.from(await account.read(record, 0, 1e9)).equals(octets));
    assert.ok(
      Buffer.concat(await Array.fromAsync(account.stream(record, 5, octets.length))).equals(
        octets.subarray(5),
      ),
    );
    assert.equal(Buffer.from(await account.read(record, 6, 19)).toString(), 'a@example.org');
    assert.equal((await account.read(record, 9e9, 1e10)).length, 0);
  }
  assert.deepEqual(account.state.totals.messages, 3);
  await account.release();
  await accounts.close();
});

test('a source that breaks off stages nothing', async () => {
  const accounts = new SharedAccounts(stores);
  const account = await accounts.open(newKey(), 0);
  const broken = async function* () {
    yield sampleMessage;
    throw new Error('gone');
  };
  await assert.rejects(account.stage(broken(), 0), /gone/);
  assert.deepEqual(await stores.messages.list(account.key, '', 10), []);
  await accounts.close();
});

test('records and small bodies are asked for once', async () => {
  const accounts = new SharedAccounts(stores);
  const key = newKey();
  const account = await accounts.open(key, 0);
  await deliver(key);
  await deliver(key);
  await account.refresh();
  const columns = account.state.mailboxes.get(inboxId)?.columns;
  assert.ok(columns !== undefined);
  const ids = [columns.messageId(0), columns.messageId(1)];
  const read = async () => {
    const [[first], [again]] = await Promise.all([account.records(ids), account.records(ids)]);
    assert.ok(first !== undefined && again !== undefined);
    await Promise.all([account.read(first, 0, 10), account.read(again, 10, 20)]);
  };
  assert.deepEqual(await stores.requests(read), ['BatchGetItem Messages', 'GetObject mail']);
  assert.deepEqual(await stores.requests(read), []);
  const gone = stores.ids.messageId();
  await assert.rejects(account.records([gone]), /no record/);
  await accounts.close();
});

test('foreign changes come by the periodic look, and at once by the doorbell', async () => {
  let ring: (() => void) | undefined;
  let leases = 0;
  const listener: DoorbellListener = {
    async hold(_, onRing) {
      leases++;
      ring = () => onRing(Number.MAX_SAFE_INTEGER as Parameters<typeof onRing>[0]);
      return async () => void leases--;
    },
  };
  const accounts = new SharedAccounts({ ...stores, listener });
  const key = newKey();
  const account = await accounts.open(key, 0);
  let changes = 0;
  assert.equal(leases, 0, 'who only asks costs no lease');
  account.onChange(() => changes++);
  account.onChange(() => {});
  await deliver(key);
  await stores.clock.advance(2_000);
  assert.deepEqual([changes, inboxCount(account)], [1, 1], 'what came while the lease was taken');
  await deliver(key);
  await stores.clock.advance(60_000);
  assert.deepEqual([changes, inboxCount(account)], [2, 2]);
  await deliver(key);
  ring?.();
  await stores.clock.advance(0);
  assert.deepEqual([changes, inboxCount(account), leases], [3, 3, 1]);
  await account.release();
  await stores.clock.advance(0);
  await deliver(key);
  await stores.clock.advance(120_000);
  assert.deepEqual([changes, leases], [3, 0]);
  await accounts.close();
});

test('nobody looks at the log for who only asks, but what is old is read again when it is asked for', async () => {
  const accounts = new SharedAccounts(stores);
  const key = newKey();
  const account = await accounts.open(key, 0);
  await deliver(key);
  const wait = async () => void (await stores.clock.advance(600_000));
  assert.deepEqual(await stores.requests(wait), []);
  const ask = async () => {
    assert.equal(inboxCount(account), 0);
    inboxCount(account);
    await stores.clock.advance(0);
    assert.equal(inboxCount(account), 1);
  };
  assert.deepEqual(await stores.requests(ask), ['Query Log']);
  await account.release();
  await accounts.close();
});

test('a lease that could not be taken is tried for again by the next who waits', async () => {
  let tries = 0;
  const listener: DoorbellListener = {
    async hold() {
      if (++tries === 1) throw new Error('no lease');
      return async () => undefined;
    },
  };
  const problems: string[] = [];
  const accounts = new SharedAccounts({ ...stores, listener, onProblem: (what) => problems.push(what) });
  const account = await accounts.open(newKey(), 0);
  const counts: number[] = [];
  for (let n = 0; n < 3; n++) {
    account.onChange(() => {});
    await stores.clock.advance(0);
    counts.push(tries);
  }
  assert.deepEqual([counts, problems], [[1, 2, 2], ['doorbell']]);
  await account.release();
  await accounts.close();
});

test('a listener that throws spoils neither the change nor the other listeners', async () => {
  const problems: string[] = [];
  const accounts = new SharedAccounts({ ...stores, onProblem: (what) => problems.push(what) });
  const account = await accounts.open(newKey(), 0);
  let told = 0;
  account.onChange(() => assert.fail('a bug'));
  const end = account.onChange(() => told++);
  const subscribe = (name: string) => account.commit((state) => decideSubscribe(state, name, true));
  assert.equal((await subscribe('a')).kind, 'done');
  end();
  assert.equal((await subscribe('b')).kind, 'done');
  assert.deepEqual([told, problems], [1, ['listener', 'listener']]);
  await accounts.close();
});

test('a wish of several entries is done to its end', async () => {
  const accounts = new SharedAccounts(stores);
  const key = newKey();
  const account = await accounts.open(key, 0);
  const facts = await Promise.all(
    Array.from({ length: 10 }, async () => ({
      ...(await account.stage(chunksOf(sampleMessage), 0)),
      flags: [],
    })),
  );
  await account.commit((state) => decideAppend(state, inboxId, facts, 0, stores.clock.now()));
  const odd = [1, 3, 5, 7, 9].map((uid) => [uid, uid] as const);
  const unchangedSince = account.state.modSeq;
  const wish = { mailbox: inboxId, uids: odd, mode: 'add', flags: ['\\Deleted'], unchangedSince } as const;
  const stored = await storeFlags(account, wish, 2);
  assert.deepEqual([stored.effects.length, stored.modified], [3, []]);
  assert.deepEqual((await storeFlags(account, wish, 2)).modified, odd);
  const expunged = await commitAll(account, (state) => decideExpunge(state, inboxId, undefined, { max: 2 }));
  assert.equal(expunged.effects.length, 3);
  assert.equal(inboxCount(account), 5);
  await accounts.close();
});

test('a snapshot is cut at release when due, and used at the next load', async () => {
  const accounts = new SharedAccounts(stores, { snapshotEvery: 10 });
  const key = newKey();
  const account = await accounts.open(key, 0);
  for (let n = 0; n < 12; n++) await account.commit((state) => decideSubscribe(state, `n${n}`, true));
  const expected = plainState(account.state);
  await account.release();
  await accounts.close();
  const snapshots = await listSnapshots(stores.bodies, key);
  assert.deepEqual(
    snapshots.map(({ modSeq }) => modSeq),
    [13],
  );
  await stores.log.trim(key, 12 as ModSeq, 100);
  const again = new SharedAccounts(stores);
  const work = async () => {
    assert.deepEqual(plainState((await again.open(key, 0)).state), expected);
  };
  assert.deepEqual(await stores.requests(work), ['GetObject mail', 'Query Log']);
  await again.close();
});

test('an account that is never quiet gets its snapshot too, later', async () => {
  const accounts = new SharedAccounts(stores, { snapshotEvery: 2 });
  const key = newKey();
  const account = await accounts.open(key, 0);
  const cut = async () => (await listSnapshots(stores.bodies, key)).map(({ modSeq }) => modSeq);
  for (let n = 0; n < 7; n++) {
    await account.commit((state) => decideSubscribe(state, `n${n}`, true));
    assert.deepEqual(await cut(), []);
    await stores.clock.advance(15_000);
  }
  assert.deepEqual(await cut(), [8]);
  await account.release();
  await accounts.close();
});

test('of the accounts that nobody holds, the one let go of first goes first', async () => {
  const accounts = new SharedAccounts(stores, { maxIdleAccounts: 1 });
  const [first, second] = [newKey(), newKey()];
  const [a, b] = [await accounts.open(first, 0), await accounts.open(second, 0)];
  await b.release();
  await a.release();
  assert.equal(accounts.size, 1);
  const reopen = async () => (await accounts.open(first, 0)).release();
  assert.deepEqual(await stores.requests(reopen), ['Query Log']);
  await accounts.close();
});
