// Reads of message bodies, over the real store: what is asked of S3, and what comes back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStores, type TestStores } from '../../../test/support/stores.ts';
import { BodyReader } from './body-reader.ts';

const smallBodyBytes = 1000;
let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

let count = 0;

/** A message of so many octets; what it gives reads a range of it, checks it, and counts the requests. */
async function message(sizeBytes: number, bodyCacheBytes = 100_000) {
  const octets = Buffer.alloc(sizeBytes, 'abcdefghij');
  const body = { key: `a/${++count}`, sizeBytes };
  await stores.bodies.put(body.key, octets);
  const reader = new BodyReader(stores.bodies, { smallBodyBytes, bodyCacheBytes });
  return async (start: number, end: number): Promise<number> => {
    const requests = await stores.requests(async () => {
      const read = await reader.read(body, start, end);
      assert.equal(Buffer.from(read).toString(), octets.toString('latin1', start, end));
    });
    return requests.length;
  };
}

test('a small message is read once, whatever is asked of it', async () => {
  const read = await message(smallBodyBytes);
  assert.equal(await read(10, 20), 1);
  assert.equal(await read(0, smallBodyBytes), 0);
  assert.equal(await read(500, 5000), 0);
  assert.equal(await read(smallBodyBytes, 5000), 0);
});

test('the front of a large message is kept, range by range, and what lies behind it is not', async () => {
  const read = await message(5000);
  for (const [start, end] of [
    [0, 100],
    [100, smallBodyBytes],
    [0, smallBodyBytes],
  ] as const) {
    assert.equal(await read(start, end), 1);
    assert.equal(await read(start, end), 0);
  }
  for (const [start, end] of [
    [0, smallBodyBytes + 1],
    [4000, 4100],
    [0, 9999],
  ] as const) {
    assert.equal(await read(start, end), 1);
    assert.equal(await read(start, end), 1);
  }
});

test('ranges that are asked for side by side are read once', async () => {
  const read = await message(5000);
  const requests = await stores.requests(() => Promise.all([read(0, 10), read(0, 10)]));
  assert.equal(requests.length, 1);
});

test('what is kept is bounded', async () => {
  const read = await message(5000, 700);
  assert.equal(await read(0, 100), 1);
  assert.equal(await read(100, 500), 1);
  assert.equal(await read(0, 100), 1);
});

test('octets that are missing are missed, in small bodies, ranges and streams', async () => {
  const body = { key: `a/${++count}`, prefix: 'prefix: 1\r\n' };
  await stores.bodies.put(body.key, Buffer.alloc(5000, 'x'));
  const reader = new BodyReader(stores.bodies, { smallBodyBytes, bodyCacheBytes: 0 });
  const streamed = (sizeBytes: number) =>
    Array.fromAsync(reader.stream({ ...body, sizeBytes }, 0, sizeBytes));
  assert.equal(Buffer.concat(await streamed(5011)).length, 5011);
  await assert.rejects(streamed(5012), /shorter/);
  await assert.rejects(reader.read({ ...body, sizeBytes: 9000 }, 100, 8000), /shorter/);
});

test('one body with other prefixes or other cuts is another message, in the cache too', async () => {
  const key = `a/${++count}`;
  await stores.bodies.put(key, Buffer.from('0123456789'));
  const reader = new BodyReader(stores.bodies, { smallBodyBytes, bodyCacheBytes: 10_000 });
  const texts: string[] = [];
  for (const more of [
    { cuts: [[0, 2]] as const },
    { cuts: [[4, 6]] as const },
    { cuts: [[0, 3]] as const, prefix: 'p' },
  ])
    texts.push(String(Buffer.from(await reader.read({ key, sizeBytes: 8, ...more }, 0, 8))));
  assert.deepEqual(texts, ['23456789', '01236789', 'p3456789']);
});
