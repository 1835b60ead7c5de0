// Texts of messages are made a bounded number of octets at a time, whoever asks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { TextExtractor } from './text.ts';
import { withinBudget } from './text-budget.ts';

const account = { read: async () => new Uint8Array(0) };

function record(sizeBytes: number): MessageRecord {
  return { body: { key: `k${sizeBytes}`, sizeBytes } } as MessageRecord;
}

test('what does not fit waits its turn, in order; a failure gives back what it had', async () => {
  const begun: number[] = [];
  const under = new Map<number, PromiseWithResolvers<string>>();
  const slow: TextExtractor = (_, { body }) => {
    begun.push(body.sizeBytes);
    const text = Promise.withResolvers<string>();
    under.set(body.sizeBytes, text);
    return text.promise;
  };
  const textOf = withinBudget(slow, 100);
  const all = [60, 30, 50, 5, 1_000].map((size) => textOf(account, record(size)));
  const settled = Promise.allSettled(all);
  await new Promise(setImmediate);
  assert.deepEqual(begun, [60, 30]);
  under.get(60)?.reject(new Error('the bucket is down'));
  await assert.rejects(all[0] ?? Promise.resolve());
  assert.deepEqual(begun, [60, 30, 50, 5]);
  for (const size of [30, 50]) under.get(size)?.resolve('text');
  await all[2];
  assert.deepEqual(begun, [60, 30, 50, 5], 'more than all there is takes all there is');
  under.get(5)?.resolve('five');
  assert.equal(await all[3], 'five');
  await new Promise(setImmediate);
  assert.deepEqual(begun, [60, 30, 50, 5, 1_000]);
  under.get(1_000)?.resolve('');
  await settled;
});
