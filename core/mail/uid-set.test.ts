// What sequence-sets mean, written both ways, and that huge ranges cost nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatUidSet,
  maxRangesInSet,
  parseSequenceSet,
  readUidSet,
  resolveSequenceSet,
  setHas,
  uidSetOf,
} from './uid-set.ts';

function resolved(text: string, max: number): string {
  const set = parseSequenceSet(text);
  return set === undefined ? 'bad' : formatUidSet(resolveSequenceSet(set, max));
}

test('sequence-sets are resolved, sorted and joined', () => {
  assert.equal(resolved('5,1:3,4,2:3,9:7', 100), '1:5,7:9');
  assert.equal(resolved('*', 42), '42');
  assert.equal(resolved('4294967295:*', 42), '42:4294967295');
  assert.equal(resolved('*:10', 42), '10:42');
  assert.equal(resolved('*', 0), '');
  assert.equal(resolved('1:*,7', 0), '7');
});

test('bad syntax is refused', () => {
  for (const text of [
    '',
    ',',
    '0',
    '01',
    '1,',
    ',1',
    '1:',
    ':1',
    '1:2:3',
    '-1',
    '4294967296',
    'a',
    '1 2',
    '**',
  ])
    assert.equal(resolved(text, 9), 'bad', text);
});

test('the number of ranges is limited', () => {
  const ranges = (count: number) => Array.from({ length: count }, (_, i) => i * 2 + 1).join(',');
  assert.notEqual(parseSequenceSet(ranges(maxRangesInSet)), undefined);
  assert.equal(parseSequenceSet(ranges(maxRangesInSet + 1)), undefined);
});

test('sets from numbers, back to text, counted and searched', () => {
  const set = uidSetOf([1, 2, 3, 7, 9, 10]);
  assert.equal(formatUidSet(set), '1:3,7,9:10');
  assert.deepEqual(readUidSet('1:3,7,9:10'), set);
  assert.deepEqual(readUidSet(''), []);
  assert.deepEqual(
    [1, 4, 7, 8, 10, 11].map((value) => setHas(set, value)),
    [true, false, true, false, true, false],
  );
});
