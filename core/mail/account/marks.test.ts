import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marks } from './marks.ts';

const count = 1000;

function filled(): Marks {
  const marks = Marks.empty();
  for (let row = 0; row < count; row++) marks.append(row, row % 7, 1 + row);
  return marks;
}

function contentOf(marks: Marks, rows = count): readonly string[] {
  return Array.from({ length: rows }, (_, row) => `${marks.flagSet(row)} ${marks.modSeq(row)}`);
}

test('a change shows in the fork alone, at the edges of pages too', () => {
  const before = filled();
  const content = contentOf(before);
  for (const row of [0, 255, 256, 511, 999]) {
    const fork = before.fork(count);
    fork.set(row, 50, 5000);
    assert.deepEqual(contentOf(fork), content.with(row, '50 5000'));
    assert.deepEqual(contentOf(before), content);
    assert.deepEqual(fork.changedSince(before, count), [row]);
  }
});

test('a range is changed across pages, each row by the flags it had', () => {
  const before = filled();
  const fork = before.fork(count);
  fork.change(200, 600, (flagSet) => flagSet + 10, 7000);
  const content = contentOf(before).map((old, row) =>
    row >= 200 && row < 600 ? `${(row % 7) + 10} 7000` : old,
  );
  assert.deepEqual(contentOf(fork), content);
  assert.equal(fork.changedSince(before, count).length, 400);
  assert.equal(before.changedSince(filled(), count).length, 0);
});

test('forks of a fork change each for itself', () => {
  const first = filled().fork(count);
  first.set(3, 9, 2000);
  const second = first.fork(count);
  second.set(4, 9, 2001);
  const third = first.fork(count);
  third.set(3, 8, 2001);
  assert.deepEqual([first.flagSet(3), second.flagSet(3), third.flagSet(3)], [9, 9, 8]);
  assert.deepEqual([first.flagSet(4), second.flagSet(4), third.flagSet(4)], [4, 9, 4]);
  assert.deepEqual(third.changedSince(second, count), [3, 4]);
});

test('rows are appended to a shared page, and set in a copy of it', () => {
  const before = filled();
  const fork = before.fork(count);
  fork.append(count, 6, 3000);
  assert.deepEqual(fork.changedSince(before, count), []);
  const other = before.fork(count);
  other.set(count, 2, 3001);
  assert.deepEqual([fork.flagSet(count), other.flagSet(count)], [6, 2]);
});

test('changedSince looks no further than it is told', () => {
  const before = filled();
  const fork = before.fork(count);
  for (const row of [10, 700, 701]) fork.set(row, 1, 4000);
  assert.deepEqual(fork.changedSince(before, 701), [10, 700]);
  assert.deepEqual(fork.changedSince(before, 10), []);
});
