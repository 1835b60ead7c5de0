// Packs: both ways, found by id whatever the order, golden octets, odd records, and damage of every kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packMessageIds } from '../account/message-id.ts';
import { messageId } from '../account/testkit.ts';
import type { AccountId } from '../ids.ts';
import type { MessageRecord } from '../message-record.ts';
import { maxBlockRecords, maxPackRecords, maxRecordOctets } from './limits.ts';
import { PackWriter } from './pack-writer.ts';
import { RecordPack } from './record-pack.ts';

function record(n: number, more: Partial<MessageRecord> = {}): MessageRecord {
  return {
    messageId: messageId(n),
    body: { key: `acme/bodies/2026-01-01/${messageId(n)}`, sizeBytes: 1000 + n },
    internalDateMs: 1_700_000_000_000 + 1000 * n,
    envelope: `("date" "subject ${n}" NIL NIL NIL NIL NIL NIL NIL "<${n}@example>")`,
    bodyStructure: `("text" "plain" NIL NIL NIL "7bit" ${n} 1)`,
    parts: '1;',
    preview: `Größe ${n}\n…`,
    holders: ['anna' as AccountId],
    ...more,
  };
}

function packOf(records: readonly MessageRecord[]): RecordPack {
  const writer = new PackWriter();
  for (const one of records) assert.ok(writer.add(one));
  return opened(writer.finish());
}

function opened(octets: Uint8Array): RecordPack {
  const pack = RecordPack.open(octets);
  assert.ok(pack !== undefined);
  return pack;
}

/** Its fields as plain data. */
function plain(one: MessageRecord): MessageRecord {
  const { messageId, body, internalDateMs, envelope, bodyStructure, parts, preview, holders } = one;
  return { messageId, body, internalDateMs, envelope, bodyStructure, parts, preview, holders };
}

test('a pack gives back its records, by position and by id, whatever order they came in', () => {
  const numbers = Array.from({ length: 2 * maxBlockRecords + 9 }, (_, n) => n);
  for (const order of [numbers, numbers.toReversed(), numbers.map((n) => (n * 101) % numbers.length)]) {
    const records = order.map((n) => record(n));
    const pack = packOf(records);
    assert.deepEqual([...pack.all()].map(plain), records);
    assert.equal(pack.firstId, messageId(0));
    assert.equal(pack.lastId, messageId(numbers.length - 1));
    const ids = packMessageIds([...order, 9999].map(messageId));
    for (const index of order.keys()) {
      assert.equal(pack.find(ids, 16 * index), index);
      assert.ok(pack.isAt(index, ids, 16 * index));
      assert.ok(!pack.isAt(index - 1, ids, 16 * index));
      const block = pack.blockOf(index);
      const [first, end] = pack.range(block);
      assert.ok(first <= index && index < end);
      assert.equal(pack.block(block).record(index - first).envelope, records[index]?.envelope);
    }
    assert.equal(pack.find(ids, 16 * order.length), -1);
  }
});

test('all that a body reference may say is kept', () => {
  const id = messageId(1);
  const bodies = [
    { key: 'acme/bodies/elsewhere', sizeBytes: 5 },
    {
      key: `acme/bodies/2026-01-01/${id}`,
      sizeBytes: 7,
      prefix: 'Received: \xff\r\n',
      cuts: [[3, 9]] as const,
    },
  ];
  for (const body of bodies) {
    const [one] = packOf([record(1, { body })]).all();
    assert.deepEqual(one && plain(one), record(1, { body }));
  }
});

test('what is large, no line, or there already is not taken', () => {
  const writer = new PackWriter();
  assert.ok(!writer.add(record(1, { envelope: 'x'.repeat(maxRecordOctets) })));
  assert.ok(!writer.add(record(1, { bodyStructure: '("a\nb")' })));
  assert.ok(!writer.add(record(1, { envelope: '("ä")' })));
  assert.ok(writer.add(record(1)));
  assert.ok(!writer.add(record(1)));
  assert.deepEqual([...writer.records.keys()], [messageId(1)]);
});

test('blocks stay small when records are large, and a pack is full by its octets too', () => {
  const writer = new PackWriter();
  let n = 0;
  while (!writer.full) assert.ok(writer.add(record(n++, { envelope: `("${String(n).repeat(6000)}")` })));
  assert.ok(n < maxPackRecords / 2);
  const pack = opened(writer.finish());
  assert.ok(pack.range(0)[1] < maxBlockRecords);
  assert.equal([...pack.all()].length, n);
});

// Since version 1: such objects are in buckets; change the code, never these.
test('golden octets', () => {
  const octets = Buffer.from(golden, 'base64');
  const pack = opened(octets);
  assert.deepEqual([...pack.all()].map(plain), [record(2), record(1), record(3)]);
  assert.equal(pack.firstId, messageId(1));
});

test('damaged or unknown octets are no pack', () => {
  const octets = Buffer.from(golden, 'base64');
  for (let at = 0; at < octets.length; at++) {
    const damaged = Buffer.from(octets);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    assert.equal(RecordPack.open(damaged), undefined, `octet ${at}`);
    assert.equal(RecordPack.open(octets.subarray(0, at)), undefined, `cut at ${at}`);
  }
});

const golden =
  'UEZQQUNLMDFpV5kZAwAAAAEAAAABi8/lb9BwAIAAAAAAAAACAYvP5WvocACAAAAAAAAAAQGLz+VzuHAAgAAAAAAAAAMDAAAAOQAA' +
  'AC0AAAB8AAAA01BKSSxJVVJQKi5NykpNLlEwUlLw8/TBiZVsjBxSKxJzC3JS7ZQ0uTTQtRsS0m6IV7sxIe3GSNoB01AqSa0oUVJQ' +
  'KshJzMxTUvDz9IFjJfOkzBIlBSMFQ00uDcLqDIlUZ6xgqAkAq1ZKUbIyNDeAACMDAwMdpWIlK0MDAyMdpWwlK6XE5NxU/aT8lMzU' +
  'Yn0jAyMzXQNDXQNDfSUdpQIlKyVDayUdpTIlKyX3osPbDs9PVTCKyXvUsExJRylDySpaKTEvL1EptparGsUWQyRbDMmyxZAIW4yR' +
  'bDEmyxZjbLYAAA==';
