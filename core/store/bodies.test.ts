// Bodies on S3 through the real SDK: ranges, streams, multipart, failing sources.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bucket, openStores, type TestStores } from '../../test/support/stores.ts';
import { BodyMissing } from '../mail/ports/body-store.ts';
import { S3BodyStore } from './bodies.ts';
import { ensureBucket, ensureTables } from './tables.ts';
import { UploadsBusy } from './upload-budget.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

const text = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks));
}

test('ranges come back exactly, cut at the end', async () => {
  const { bodies } = stores;
  await bodies.put('a/1', Buffer.from('0123456789'));
  assert.equal(text(await bodies.read('a/1', 2, 5)), '234');
  assert.equal(text(await bodies.read('a/1', 8, 99)), '89');
  assert.equal(text(await bodies.read('a/1', 0, Number.POSITIVE_INFINITY)), '0123456789');
  assert.equal((await bodies.read('a/1', 10, 20)).length, 0);
  assert.equal((await bodies.read('a/1', 3, 3)).length, 0);
  assert.equal(text(await collect(bodies.stream('a/1', 1, 4))), '123');
  await bodies.put('a/empty', new Uint8Array(0));
  assert.equal((await bodies.read('a/empty', 0, 10)).length, 0);
  await assert.rejects(bodies.read('a/none', 0, 1), BodyMissing);
  await assert.rejects(collect(bodies.stream('a/none', 0, 1)), BodyMissing);
});

test('a stream of any length is stored; above 5 MiB in parts', async () => {
  const { bodies } = stores;
  for (const [size, requests] of [
    [0, ['PutObject mail']],
    [100_000, ['PutObject mail']],
  ] as const) {
    const work = async () => assert.equal(await bodies.putStream('s/small', chunks(size)), size);
    assert.deepEqual(await stores.requests(work), requests);
    assert.equal((await bodies.read('s/small', 0, 1e9)).length, size);
  }
  const size = 11 * 1024 * 1024 + 7;
  assert.equal(await bodies.putStream('s/large', chunks(size)), size);
  const whole = await collect(bodies.stream('s/large', 0, size));
  assert.ok(whole.equals(await collect(chunks(size))));
});

test('a source that throws leaves nothing behind', async () => {
  for (const size of [1000, 6 * 1024 * 1024]) {
    await assert.rejects(stores.bodies.putStream('f/x', failing(size)), /lost/);
    await assert.rejects(stores.bodies.read('f/x', 0, 1), BodyMissing);
  }
});

test('streams that are stuck hold no more memory than the store has for them, and give it back', async () => {
  const bodies = new S3BodyStore(stores.clients.s3, bucket, 1_000_000);
  const isStuck = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  async function* waiting() {
    yield* chunks(700_000);
    isStuck.resolve();
    await letGo.promise;
  }
  const slow = bodies.putStream('b/slow', waiting());
  await isStuck.promise;
  await assert.rejects(bodies.putStream('b/other', chunks(700_000)), UploadsBusy);
  assert.equal(await bodies.putStream('b/small', chunks(100_000)), 100_000);
  letGo.resolve();
  assert.equal(await slow, 700_000);
  assert.equal(await bodies.putStream('b/other', chunks(1_000_000)), 1_000_000);
});

test('keys are listed in order and deleted more than once', async () => {
  const { bodies } = stores;
  for (const key of ['l/b', 'l/a', 'l/c', 'm/a']) await bodies.put(key, Buffer.from(key));
  const keys = async (after: string) => (await bodies.list('l/', after)).map(({ key }) => key);
  assert.deepEqual(await keys(''), ['l/a', 'l/b', 'l/c']);
  assert.deepEqual(await keys('l/a'), ['l/b', 'l/c']);
  await bodies.delete(['l/a', 'l/b', 'l/none']);
  await bodies.delete(['l/a']);
  await bodies.delete([]);
  assert.deepEqual(await keys(''), ['l/c']);
});

test('making what is there already is harmless', async () => {
  await ensureTables(stores.clients.dynamo, stores.names);
  await ensureBucket(stores.clients.s3, bucket);
});

async function* chunks(size: number) {
  for (let at = 0; at < size; at += 70_001) yield Buffer.alloc(Math.min(70_001, size - at), at % 251);
}

async function* failing(size: number) {
  yield* chunks(size);
  throw new Error('connection lost');
}
