// What the reaper deletes and what it leaves, on the real stores, with a clock that jumps.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { farAwayMs, openReaper, type ReaperWorld } from '../../../test/support/reaper-world.ts';
import { accountKey } from '../../../test/support/stores.ts';
import { inboxId } from '../../mail/account/apply.ts';
import { decideCopy } from '../../mail/account/decide-copy.ts';
import { decideExpunge } from '../../mail/account/decide-expunge.ts';
import { decideSubscribe } from '../../mail/account/decide-subscribe.ts';
import { trashId } from '../../mail/account/opening.ts';
import { plainState } from '../../mail/account/testkit.ts';
import { bodyKey } from '../../mail/body-key.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import { PackWriter } from '../../mail/pack/pack-writer.ts';
import { RecordPack } from '../../mail/pack/record-pack.ts';
import { listPacks, packKey } from '../account/packs.ts';
import { listSnapshots } from '../account/snapshots.ts';
import { sampleMessage, sampleRecord } from '../account/testkit.ts';
import { reap } from './reap.ts';
import { reapAccount } from './reap-account.ts';
import { dayMs, defaultReapSettings, type ReapPorts } from './settings.ts';

let world: ReaperWorld;
before(async () => {
  world = await openReaper();
});
after(() => world.stores.close());

let count = 0;
let tenant = '';
let anna: AccountKey;
let bert: AccountKey;
beforeEach(async () => {
  tenant = `t${++count}`;
  await world.newTenant(tenant);
  anna = await world.openAccount(accountKey('anna', tenant));
  bert = await world.openAccount(accountKey('bert', tenant));
});

test('an expunged message goes when the undelete window is over, and not before', async () => {
  const kept = await world.deliver(anna);
  await world.stores.clock.advance(dayMs);
  const gone = await world.deliver(anna);
  await (await world.load(anna)).commit((state) =>
    decideExpunge(state, inboxId, [[2, 2]], { anyFlags: true }),
  );
  await world.reapAfter(29, tenant);
  assert.equal(await world.remains(gone, anna), 'body anna');
  const report = await world.reapAfter(2, tenant);
  assert.equal(await world.remains(gone, anna), '');
  assert.equal(await world.remains(kept, anna), 'body anna');
  assert.deepEqual([report.claimed, report.records, report.bodies], [1, 1, 1]);
  const head = await world.stores.log.head(anna);
  assert.deepEqual(head?.kind === 'reaped' && head.messageIds, [gone]);
  assert.deepEqual(world.problems, []);
});

test('a deleted message is in no pack any more; packs without it stay', async () => {
  const [kept, gone] = [await world.deliver(anna), await world.deliver(anna)];
  await putPack(anna, [kept]);
  await putPack(anna, [kept, gone]);
  await (await world.load(anna)).commit((state) =>
    decideExpunge(state, inboxId, [[2, 2]], { anyFlags: true }),
  );
  await world.reapAfter(29, tenant);
  assert.equal((await listPacks(world.ports.bodies, anna)).length, 2);
  await world.reapAfter(2, tenant);
  const packs = await listPacks(world.ports.bodies, anna);
  assert.deepEqual(
    packs.map(({ first, last }) => [first, last]),
    [[kept, kept]],
  );
});

test('a body stays while an account holds it', async () => {
  const id = await world.deliver(anna, bert);
  await world.expungeAll(anna);
  await world.reapAfter(31, tenant);
  assert.equal(await world.remains(id, anna, bert), 'body bert');
  await world.expungeAll(bert);
  await world.reapAfter(31, tenant);
  assert.equal(await world.remains(id, anna, bert), '');
});

test('what is named elsewhere stays; the last departure begins the window', async () => {
  const id = await world.deliver(anna);
  const account = await world.load(anna);
  await account.commit((state) => decideCopy(state, inboxId, [[1, 1]], trashId, 0));
  await account.commit((state) => decideExpunge(state, inboxId, undefined, { anyFlags: true }));
  await world.reapAfter(31, tenant);
  await account.commit((state) => decideExpunge(state, trashId, undefined, { anyFlags: true }));
  assert.equal(await world.remains(id, anna), 'body anna');
  await world.reapAfter(10, tenant);
  assert.equal(await world.remains(id, anna), 'body anna');
  await world.reapAfter(21, tenant);
  assert.equal(await world.remains(id, anna), '');
});

test('copied, expunged here long ago and there yesterday: the window is not over', async () => {
  const id = await world.deliver(anna);
  const account = await world.load(anna);
  await account.commit((state) => decideCopy(state, inboxId, [[1, 1]], trashId, 0));
  await account.commit((state) => decideExpunge(state, inboxId, undefined, { anyFlags: true }));
  await world.stores.clock.advance(31 * dayMs);
  await account.commit((state) => decideExpunge(state, trashId, undefined, { anyFlags: true }));
  await world.reapAfter(1, tenant);
  assert.equal(await world.remains(id, anna), 'body anna');
  await world.reapAfter(31, tenant);
  assert.equal(await world.remains(id, anna), '');
});

test('a record that no entry names goes after a day; its neighbours stay', async () => {
  const named = await world.deliver(anna);
  const orphan = await stray(true);
  const later = await world.deliver(anna);
  await world.reapAfter(0.9, tenant);
  assert.equal(await world.remains(orphan, anna), 'body anna');
  await world.reapAfter(1, tenant);
  assert.equal(await world.remains(orphan, anna), '');
  for (const id of [named, later]) assert.equal(await world.remains(id, anna), 'body anna');
  await world.expungeAll(anna);
  await world.reapAfter(2, tenant);
  for (const id of [named, later]) assert.equal(await world.remains(id, anna), 'body anna');
});

test('what was named and expunged between two visits is no orphan', async () => {
  await world.deliver(anna);
  await world.stores.clock.advance(dayMs);
  const young = await world.deliver(anna);
  await world.expungeAll(anna);
  await world.reapAfter(0.5, tenant);
  await world.reapAfter(1, tenant);
  assert.equal(await world.remains(young, anna), 'body anna');
  await world.reapAfter(31, tenant);
  assert.equal(await world.remains(young, anna), '');
});

test('a body without a record goes after a week, unless a queued job needs it; then after it', async () => {
  const named = await world.deliver(anna);
  const [unnamed, outgoing] = [await stray(false), await stray(false)];
  await putJob(outgoing, 'queued');
  await world.reapAfter(6, tenant);
  assert.equal(await world.remains(unnamed, anna), 'body');
  await world.reapAfter(3, tenant);
  assert.equal(await world.remains(unnamed, anna), '');
  assert.equal(await world.remains(outgoing, anna), 'body');
  await putJob(outgoing, 'done');
  await world.reapAfter(38, tenant);
  assert.equal(await world.remains(outgoing, anna), '');
  assert.equal(await world.remains(named, anna), 'body anna');
});

test('a body that a queued job names outlives its record', async () => {
  const id = await world.deliver(anna);
  await world.expungeAll(anna);
  await putJob(id, 'queued');
  await world.reapAfter(31, tenant);
  assert.equal(await world.remains(id, anna), 'body');
});

test('a removed account keeps its mail for the window, then all of it goes', async () => {
  const [shared, own] = [await world.deliver(anna, bert), await world.deliver(bert)];
  const { tenant: owner, account } = bert;
  await putPack(bert, [shared, own]);
  const [was] = await Array.fromAsync(world.ports.directory.records(owner, `account#${account}`));
  const removedAtMs = world.stores.clock.now();
  const now = { kind: 'removed', tenant: owner, account, address: 'b@x', removedAtMs } as const;
  await world.ports.directory.commit([
    { table: 'directory', was, now: undefined },
    { table: 'directory', was: undefined, now },
  ]);
  await world.reapAfter(29, tenant);
  assert.equal(await world.remains(own, bert), 'body bert');
  const report = await world.reapAfter(2, tenant);
  assert.equal(report.purged, 1);
  assert.equal(await world.remains(own, bert), '');
  assert.equal(await world.remains(shared, anna, bert), 'body anna');
  assert.equal(await world.stores.log.head(bert), undefined);
  assert.deepEqual(await listPacks(world.ports.bodies, bert), []);
  assert.deepEqual(await Array.fromAsync(world.ports.directory.records(owner, 'removed#')), []);
});

test('the log is trimmed only behind two whole snapshots, never its head, and loads the same', async () => {
  const account = await world.load(anna);
  const work = async (entries: number) => {
    for (let n = 0; n < entries; n++)
      await account.commit((state) => decideSubscribe(state, `n${entries}-${n}`, true));
  };
  const first = async () => (await world.stores.log.read(anna, 0, 1))[0]?.modSeq;
  await work(12);
  await account.cutSnapshotIfDue();
  await world.reapAfter(181, tenant);
  assert.equal(await first(), 1);
  await work(13);
  await account.cutSnapshotIfDue();
  await damage(0);
  await world.reapAfter(1, tenant);
  assert.equal(await first(), 1);
  await damage(0);
  assert.equal((await world.reapAfter(1, tenant)).trimmed, 13);
  assert.equal(await first(), 14);
  await world.reapAfter(181, tenant);
  assert.equal(await first(), 14);
  const expected = plainState(account.state);
  assert.deepEqual(plainState((await world.load(anna)).state), expected);
});

test('with its cursor lost and the log trimmed, what was expunged yesterday is no orphan', async () => {
  const old = await world.deliver(anna);
  const account = await world.load(anna);
  for (const entries of [12, 13]) {
    for (let n = 0; n < entries; n++)
      await account.commit((state) => decideSubscribe(state, `n${entries}-${n}`, true));
    await account.cutSnapshotIfDue();
    await world.reapAfter(181, tenant);
  }
  assert.notEqual((await world.stores.log.read(anna, 0, 1))[0]?.modSeq, 1);
  const orphan = sampleRecord(world.stores.ids.messageId(), anna);
  await world.stores.bodies.put(orphan.body.key, sampleMessage);
  await world.stores.messages.put(anna, orphan);
  await world.deliver(anna);
  await world.stores.clock.advance(2 * dayMs);
  await world.expungeAll(anna);
  await world.ports.cursors.put(anna.tenant, `account#${anna.account}`, '{"v":0}');
  await world.reapAfter(1, tenant);
  assert.equal(await world.remains(old, anna), 'body anna');
  assert.equal(await world.remains(orphan.messageId, anna), '', 'what the log would name is judged');
  await world.reapAfter(31, tenant);
  assert.equal(await world.remains(old, anna), '');
});

test('an account at rest costs five reads a visit, and one between visits', async () => {
  await world.deliver(anna);
  await world.reapAfter(2, tenant);
  await world.stores.clock.advance(dayMs);
  const visit = () => reapAccount(world.ports, anna, defaultReapSettings);
  assert.deepEqual(await world.stores.requests(visit), [
    'GetItem Directory',
    'PutItem Directory',
    'Query Log',
    'Query Log',
    'Query Log',
    'Query Messages',
  ]);
  assert.deepEqual(await world.stores.requests(visit), ['GetItem Directory']);
});

test('a run that is out of time says so and begins nothing', async () => {
  const late = await reap(world.ports, world.stores.clock.now());
  assert.deepEqual([late.accounts, late.finished], [0, false]);
  const whole = await reap(world.ports, farAwayMs);
  assert.ok(whole.accounts >= 2 && whole.finished);
  assert.deepEqual([whole.failures, world.problems], [0, []]);
});

test('killed after any request, the next run makes good for it, and nothing named is ever lost', async () => {
  for (let requests = 1; ; requests++) {
    const kept = await world.deliver(anna, bert);
    const [shared, own] = [await world.deliver(anna, bert), await world.deliver(anna)];
    const orphan = await stray(true);
    await putPack(anna, [kept, own]);
    await (await world.load(anna)).commit((state) => {
      const { columns } = state.mailboxes.get(inboxId) ?? {};
      const last = columns?.uid[columns.count - 1] ?? 0;
      return decideExpunge(state, inboxId, [[last - 1, last]], { anyFlags: true });
    });
    await world.stores.clock.advance(31 * dayMs);
    const killed = await killedAfter(requests);
    assert.equal(await world.remains(kept, anna, bert), 'body anna bert');
    assert.match(await world.remains(shared, bert), /^body bert$/);
    for (const id of [own, orphan]) assert.match(await world.remains(id, anna), /^(body anna|anna|)$/);
    await reapAccount(world.ports, anna, { ...defaultReapSettings, visitEveryMs: 0 });
    assert.equal(await world.remains(own, anna), '');
    assert.deepEqual(await listPacks(world.ports.bodies, anna), []);
    assert.equal(await world.remains(orphan, anna), '');
    assert.equal(await world.remains(shared, anna, bert), 'body bert');
    if (!killed) return assert.ok(requests > 15);
  }
});

/** A body, with or without a record, that no entry names. */
async function stray(withRecord: boolean): Promise<MessageId> {
  const record = sampleRecord(world.stores.ids.messageId(), anna);
  await world.stores.bodies.put(record.body.key, sampleMessage);
  if (withRecord) await world.stores.messages.put(anna, record);
  return record.messageId;
}

async function putPack(account: AccountKey, ids: readonly MessageId[]): Promise<void> {
  const writer = new PackWriter();
  for (const id of ids) writer.add(sampleRecord(id, account));
  const octets = writer.finish();
  const pack = RecordPack.open(octets);
  assert.ok(pack !== undefined);
  await world.ports.bodies.put(packKey(account, pack), octets);
}

async function putJob(id: MessageId, state: string): Promise<void> {
  const Item = marshall({
    tenant,
    jobId: `${id}.example.net`,
    state,
    body: { key: bodyKey(anna.tenant, id) },
  });
  await world.stores.clients.dynamo.send(
    new PutItemCommand({ TableName: world.stores.names.outbound, Item }),
  );
}

/** Flips a bit of anna's newest snapshot but `back`; flipping it again heals it. */
async function damage(back: number): Promise<void> {
  const place = (await listSnapshots(world.stores.bodies, anna))[back];
  assert.ok(place !== undefined);
  const octets = await world.stores.bodies.read(place.key, 0, Number.POSITIVE_INFINITY);
  octets[40] = (octets[40] ?? 0) ^ 1;
  await world.stores.bodies.put(place.key, octets);
}

/** Visits anna with stores that stop answering after so many requests; whether that came to pass. */
async function killedAfter(requests: number): Promise<boolean> {
  let left = requests;
  const dying = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          if (left === 0) throw new Error('killed');
          left--;
          return Reflect.apply(method, target, args);
        };
      },
    });
  const { log, messages, bodies, outboundBodies, cursors } = world.ports;
  const stores = { log: dying(log), messages: dying(messages), bodies: dying(bodies) };
  const ports: ReapPorts = {
    ...world.ports,
    ...stores,
    outboundBodies: dying(outboundBodies),
    cursors: dying(cursors),
  };
  try {
    await reapAccount(ports, anna, { ...defaultReapSettings, visitEveryMs: 0 });
    return false;
  } catch (error) {
    assert.match(String(error), /killed/);
    return true;
  }
}
