import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatheredOctets } from './gathered-octets.ts';

test('what was added comes out, in one piece or in blocks, and is gone then', () => {
  const gathered = new GatheredOctets();
  const chunks = [0, 1, 4095, 1, 65_535, 200_000, 3].map((size, n) => Buffer.alloc(size, n + 1));
  const all = Buffer.concat(chunks);
  for (const chunk of chunks) gathered.add(chunk);
  assert.equal(gathered.length, all.length);
  assert.ok(gathered.take().equals(all));
  assert.equal(gathered.length, 0);
  assert.equal(gathered.take().length, 0);
  for (const chunk of chunks) gathered.add(chunk);
  assert.ok(Buffer.concat([...gathered.drain()].map((block) => Buffer.from(block))).equals(all));
});

test('in base64, small and large', () => {
  for (const size of [0, 1, 5000, 262_144, 262_145, 1_000_000]) {
    const gathered = new GatheredOctets();
    const octets = Buffer.alloc(size, 'some octets');
    gathered.add(octets);
    assert.equal(gathered.takeBase64(), octets.toString('base64'));
    assert.equal(gathered.length, 0);
  }
});

test('the chunks may change afterwards', () => {
  const gathered = new GatheredOctets();
  const chunk = Buffer.from('abc');
  gathered.add(chunk);
  chunk.fill('x');
  assert.equal(gathered.take().toString(), 'abc');
});

test('a million chunks of one octet are a few blocks', () => {
  const gathered = new GatheredOctets();
  const octet = Buffer.from('x');
  for (let n = 0; n < 1_000_000; n++) gathered.add(octet);
  assert.equal(gathered.length, 1_000_000);
  assert.ok(gathered.blocks <= 20, `${gathered.blocks} blocks`);
});

test('blocks are used again only when their octets have left', () => {
  const [one, other] = [new GatheredOctets(), new GatheredOctets()];
  for (let round = 0; round < 5; round++) {
    const [a, b] = [Buffer.alloc(400_000 + round, 1 + round), Buffer.alloc(300_000 - round, 100 + round)];
    one.add(a);
    other.add(b.subarray(0, 200_000));
    const target = Buffer.alloc(a.length + 10);
    assert.ok(one.takeInto(target).equals(a));
    one.add(a);
    other.add(b.subarray(200_000));
    assert.ok(other.take().equals(b));
    assert.ok(one.take().equals(a));
  }
});
