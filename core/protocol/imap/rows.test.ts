import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSequenceSet } from '../../mail/uid-set.ts';
import { rowsOfNumbers, rowsOfUids } from './rows.ts';

function parsed(text: string) {
  const set = parseSequenceSet(text);
  assert.ok(set);
  return set;
}

test('sequence numbers: each row once, in order; too large a number is none', () => {
  const rows = (text: string, count: number) => {
    const found = rowsOfNumbers(parsed(text), count);
    return found && [...found];
  };
  assert.deepEqual(rows('3,1:2,2:4', 5), [0, 1, 2, 3]);
  assert.deepEqual(rows('*:4', 5), [3, 4]);
  assert.deepEqual(rows('*', 5), [4]);
  assert.equal(rows('5:6', 5), undefined);
  assert.equal(rows('1:*', 0), undefined);
});

test('UIDs: those that are there', () => {
  const uid = Uint32Array.of(3, 4, 9, 12, 0, 0);
  const rows = (text: string) => [...rowsOfUids(parsed(text), { uid, count: 4 })];
  assert.deepEqual(rows('1:3,9'), [0, 2]);
  assert.deepEqual(rows('5:8'), []);
  assert.deepEqual(rows('100:*'), [3]);
  assert.deepEqual(rows('1:4294967295'), [0, 1, 2, 3]);
  assert.deepEqual([...rowsOfUids(parsed('1:*'), { uid, count: 0 })], []);
});
