/** The grammar alone: trees, bounds, and texts that must not parse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCondition, parseProjection } from './parse.ts';
import { parseUpdate } from './parse-update.ts';

const condition = (text: string) => parseCondition('ConditionExpression', text);

test('AND binds tighter than OR, NOT tighter than AND; both associate left', () => {
  const one = condition('NOT a = :a AND b = :b OR c = :c');
  const other = condition('((NOT (a = :a)) AND (b = :b)) OR (c = :c)');
  assert.deepEqual(one.tree, other.tree);
  assert.deepEqual(one.values, new Set([':a', ':b', ':c']));
  assert.deepEqual(
    condition('a = :a or b = :b or c = :c').tree,
    condition('(a = :a OR b = :b) OR c = :c').tree,
  );
});

test('white space may be anywhere or nowhere', () => {
  assert.deepEqual(condition('a.b[0]=:v').tree, condition(' a . b [ 0 ]\n=\t:v ').tree);
  assert.deepEqual(parseProjection('#a,b[1].c').tree, [['#a'], ['b', 1, 'c']]);
});

test('names end where letters, digits and underscores end', () => {
  for (const text of [
    '_a = :v',
    'a-b = :v',
    'a b = :v',
    '# = :v',
    'a = :',
    'a[b] = :v',
    'a[-1] = :v',
    'a. = :v',
  ]) {
    assert.throws(() => condition(text), /Syntax error/, text);
  }
});

test('what is left over, unbalanced or too long is refused', () => {
  for (const text of ['(a = :v', 'a = :v)', 'a', 'a =', 'a IN ()', 'a BETWEEN :a', 'NOT', 'AND a = :v']) {
    assert.throws(() => condition(text), /Invalid ConditionExpression/, text);
  }
  assert.throws(() => condition(`a = :v${' '.repeat(4091)}`), /Expression size has exceeded/);
  assert.throws(() => condition(`${'('.repeat(2000)}a = :v${')'.repeat(2000)}`), /nested/);
  assert.throws(() => condition(`${'NOT '.repeat(1000)}a = :v`), /nested/);
  assert.throws(() => condition(`a IN (${Array(101).fill(':v').join()})`), /number of operands/);
});

test('long chains of AND and OR parse', () => {
  assert.equal(condition(Array(150).fill('a = :v').join(' AND ')).values.size, 1);
});

test('updates: each clause once, in any order', () => {
  const { tree } = parseUpdate(
    'remove a, b[0] ADD n :n SET x = if_not_exists(x, :z) + :n, y = :n DELETE s :s',
  );
  assert.deepEqual([tree.set.length, tree.remove.length, tree.add.length, tree.delete.length], [2, 2, 1, 1]);
  for (const text of ['SET a = :v, ', 'a = :v', 'SET a :v', 'ADD a = :v', 'REMOVE a :v', 'SET a = size(b)']) {
    assert.throws(() => parseUpdate(text), /Invalid UpdateExpression/, text);
  }
  assert.throws(() => parseUpdate('REMOVE a REMOVE b'), /"REMOVE" section can only be used once/);
});

test('operators and functions are counted, up to 300', () => {
  const chain = (comparisons: number) => Array.from({ length: comparisons }, () => 'a<:v').join(' OR ');
  condition(chain(150));
  assert.throws(() => condition(chain(151)), /too many operators; operator count: 301/);
  assert.throws(
    () => parseUpdate(`SET ${Array.from({ length: 301 }, (_, n) => `a${n}=b+c`).join(',')}`),
    /too many operators; operator count: 301/,
  );
  parseUpdate(`SET ${Array.from({ length: 301 }, (_, n) => `a${n}=:v`).join(',')}`);
  const options = (count: number) => `a IN (${Array.from({ length: count }, () => ':v').join(',')})`;
  condition(options(100));
  assert.throws(() => condition(options(101)), /too many operands; number of operands: 101/);
});
