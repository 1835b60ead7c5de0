// Walks over many records, on the real stores: what they ask of AWS, cold and warm, and what they do about damage.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../../test/support/stores.ts';
import { packMessageIds } from '../../mail/account/message-id.ts';
import { messageId } from '../../mail/account/testkit.ts';
import type { MessageId } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import { forgetInPacks, listPacks } from './packs.ts';
import { RecordMissing, RecordReader } from './record-reader.ts';
import {
  builderStalledMs,
  defaultAccountSettings,
  maxPackBuilders,
  maxWalkOctets,
  minPackRecords,
  scanBatch,
  shortScanBatch,
} from './settings.ts';
import { sampleRecord } from './testkit.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
  await Promise.all(ids.map((id) => stores.messages.put(account, distinct(id))));
});
beforeEach(async () => stores.bodies.delete((await listPacks(stores.bodies, account)).map(({ key }) => key)));
after(() => stores.close());

const account = accountKey('anna');
const count = minPackRecords + 150;
const ids = Array.from({ length: count }, (_, n) => messageId(n));
const batches = Math.ceil(count / 100);

/** A task's reader; `idle` waits for what it does in the background. */
function newReader(settings: Partial<typeof defaultAccountSettings> = {}) {
  const background: Promise<unknown>[] = [];
  const problems: string[] = [];
  const onProblem = (what: string) => problems.push(what);
  const ports = { ...stores, onProblem };
  const reader = new RecordReader(ports, { ...defaultAccountSettings, ...settings }, (work) =>
    background.push(work),
  );
  return { reader, problems, idle: () => Promise.all(background) };
}

type Task = ReturnType<typeof newReader>;

function distinct(id: MessageId): MessageRecord {
  return { ...sampleRecord(id, account), preview: `the preview of ${id}` };
}

/** Walks, checks every record, and answers the requests it took, each kind once with its number. */
async function walk(task: Task, order = ids): Promise<readonly string[]> {
  const requests = await stores.requests(async () => {
    let at = 0;
    const wanted = {
      count: order.length,
      ids: (start: number, end: number) => packMessageIds(order.slice(start, end)),
    };
    for await (const records of task.reader.scan(account, count, wanted))
      for (const { messageId: id, envelope, preview } of records) {
        assert.equal(id, order[at++]);
        assert.ok(envelope.includes('"Hello"'));
        assert.equal(preview, `the preview of ${id}`);
      }
    assert.equal(at, order.length);
    await task.idle();
  });
  return [...new Set(requests)].map((one) => `${one} x${requests.filter((other) => other === one).length}`);
}

const fromTable = [
  `BatchGetItem Messages x${batches}`,
  'ListObjectsV2 mail x1',
  'PutObject mail x1',
] as const;

test('the first walk pays for the table, the next for nothing, another task for a list and an object', async () => {
  const first = newReader();
  assert.deepEqual(await walk(first), fromTable);
  assert.deepEqual(await walk(first), []);
  assert.deepEqual(await walk(first, ids.toReversed()), []);
  const single = () => first.reader.read(account, [messageId(700)]);
  assert.deepEqual(await stores.requests(single), []);
  assert.equal((await single())[0]?.messageId, messageId(700));
  const second = newReader();
  assert.deepEqual(await walk(second, ids.toReversed()), ['GetObject mail x1', 'ListObjectsV2 mail x1']);
  assert.deepEqual(await walk(second), []);
});

test('a short walk makes and looks for no packs', async () => {
  const task = newReader();
  const some = ids.slice(0, 150);
  assert.deepEqual(await walk(task, some), ['BatchGetItem Messages x2']);
  assert.deepEqual(await walk(task, some), []);
});

test('what came since the packs were made is read from the table once, without a list', async () => {
  const task = newReader();
  await walk(task, ids.slice(0, minPackRecords));
  const [place] = await listPacks(stores.bodies, account);
  assert.equal(place?.records, minPackRecords);
  const more = ids.slice(0, minPackRecords + 40);
  assert.deepEqual(await walk(task, more), ['BatchGetItem Messages x1']);
  assert.deepEqual(await walk(task, more), []);
});

test('a record too large for packs is kept by itself', async () => {
  const large = messageId(count);
  await stores.messages.put(account, { ...distinct(large), parts: 'x'.repeat(40_000) });
  const task = newReader();
  await walk(task, [...ids, large]);
  assert.equal((await listPacks(stores.bodies, account))[0]?.records, count);
  assert.deepEqual(await walk(task, [...ids, large]), []);
});

test('caches that hold nothing change the cost, not the answer', async () => {
  const tight = { packCacheBytes: 0, recordCacheBytes: 0 };
  assert.deepEqual(await walk(newReader(tight)), fromTable);
  assert.deepEqual(await walk(newReader(tight)), ['GetObject mail x1', 'ListObjectsV2 mail x1']);
});

test('a damaged pack is passed over, and nothing is packed a third time', async () => {
  await walk(newReader());
  const [place] = await listPacks(stores.bodies, account);
  assert.ok(place !== undefined);
  await stores.bodies.put(place.key, Buffer.from('no pack'));
  // Made again by the same records: the same object.
  assert.ok((await walk(newReader())).includes('PutObject mail x1'));
  assert.equal((await listPacks(stores.bodies, account)).length, 1);
  await stores.bodies.put(place.key, Buffer.from('no pack'));
  await stores.bodies.put(place.key.replace(`_${count}_`, `_${count + 1}_`), Buffer.from('no pack'));
  assert.ok(!(await walk(newReader())).includes('PutObject mail x1'));
});

test('a walk that ends early leaves nothing behind that hurts', async () => {
  const task = newReader();
  const wanted = { count, ids: (start: number, end: number) => packMessageIds(ids.slice(start, end)) };
  for await (const records of task.reader.scan(account, count, wanted)) {
    assert.ok(records.length > 0);
    break;
  }
  await walk(task);
  assert.deepEqual(await walk(task), []);
});

test('a bucket that does not answer costs a walk its packs, not its records', async () => {
  await walk(newReader());
  for (const operation of ['ListObjectsV2', 'GetObject', 'PutObject']) {
    const task = newReader();
    const end = stores.cloud.faults.add({ kind: 'error', service: 's3', operation });
    const requests = await walk(task);
    assert.ok(end() > 0 || operation === 'PutObject');
    assert.ok(operation === 'PutObject' || requests.includes(`BatchGetItem Messages x${batches}`));
    assert.deepEqual(task.problems, operation === 'PutObject' ? [] : ['pack']);
  }
});

test('walks that wait for their clients do not keep others from making packs', async () => {
  const task = newReader();
  const stuck = await Promise.all(
    Array.from({ length: maxPackBuilders }, (_, n) => beginWalk(task, `stuck${n}`)),
  );
  const put = 'PutObject mail x1';
  assert.ok(!(await walk(task)).includes(put));
  await stores.clock.advance(builderStalledMs);
  assert.ok((await walk(task)).includes(put));
  for (const one of stuck) assert.equal((await one.next()).value?.length, scanBatch);
  for (const one of stuck) await one.return();
});

test('records that are large come a few at a time while walks hold much', async () => {
  const task = newReader();
  const lengthOf = async (walking: Awaited<ReturnType<typeof beginWalk>>) =>
    (await walking.next()).value?.length;
  const parts = 'x'.repeat(maxWalkOctets / scanBatch);
  const large = await beginWalk(task, 'large', { parts });
  const small = await beginWalk(task, 'small');
  assert.deepEqual([await lengthOf(small), await lengthOf(small)], [shortScanBatch, shortScanBatch]);
  await large.return();
  await lengthOf(small); // that was asked for before
  assert.equal(await lengthOf(small), scanBatch);
  await small.return();
});

/** The first batch of a walk over the one message of another account, again and again. */
async function beginWalk({ reader }: Task, name: string, more: Partial<MessageRecord> = {}) {
  const key = accountKey(name);
  await stores.messages.put(key, { ...sampleRecord(ids[0] ?? 0, key), ...more });
  const wanted = {
    count: 3 * minPackRecords,
    ids: (start: number, end: number) => packMessageIds(Array(end - start).fill(ids[0])),
  };
  const walking = reader.scan(key, 1, wanted);
  await walking.next();
  return walking;
}

test('a row whose record is lost is a failure', async () => {
  const task = newReader();
  await assert.rejects(walk(task, [...ids, messageId(99_999)]), RecordMissing);
});

test('deleted messages leave the packs, and packs that are left half empty go', async () => {
  await walk(newReader());
  const before = await listPacks(stores.bodies, account);
  await forgetInPacks(stores.bodies, account, [messageId(99_999)]);
  assert.deepEqual(await listPacks(stores.bodies, account), before);
  await forgetInPacks(stores.bodies, account, [messageId(0), messageId(500)]);
  const [place, ...others] = await listPacks(stores.bodies, account);
  assert.deepEqual([place?.first, place?.records, others], [messageId(1), count - 2, []]);
  const requests = await walk(newReader());
  assert.ok(requests.includes('BatchGetItem Messages x2') && requests.includes('GetObject mail x1'));
  await forgetInPacks(stores.bodies, account, ids.slice(0, minPackRecords));
  assert.deepEqual(await listPacks(stores.bodies, account), []);
});
