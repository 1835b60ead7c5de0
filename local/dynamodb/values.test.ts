/** Checking hostile values: none of them may slip through, loop or touch a prototype. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkItem, checkValue, type Item, itemSize, member, setMember, valuesEqual } from './values.ts';

test('what is not exactly one typed value is refused', () => {
  const refused: unknown[] = [
    {},
    { S: 'a', N: '1' },
    { X: 'a' },
    { S: 1 },
    { N: 1 },
    { B: 'not base64!' },
    { BOOL: 'true' },
    { NULL: false },
    { SS: [] },
    { SS: ['a', 1] },
    { BS: ['AQ==', 'AR=='] },
    { L: {} },
    { M: [] },
    'text',
    null,
  ];
  for (const value of refused) {
    assert.throws(
      () => checkValue(value),
      /^(ValidationException|SerializationException)/,
      JSON.stringify(value),
    );
  }
});

test('numbers, binaries and stray members are normalised in place', () => {
  const value: unknown = { M: { n: { N: '1.0' }, b: { B: 'AR==' }, s: { S: 'x', N: null } } };
  checkValue(value);
  assert.deepEqual(value, { M: { n: { N: '1' }, b: { B: 'AQ==' }, s: { S: 'x' } } });
});

test('values far beyond any limit are answered, not run out of stack', () => {
  const long = 16 * 1024 * 1024;
  const binary = { B: 'A'.repeat(long) };
  assert.equal(itemSize({ b: checkValue(binary) }), 1 + (long / 4) * 3);
  assert.throws(() => checkValue({ B: `${'A'.repeat(long - 1)}!` }), { name: 'SerializationException' });
  assert.throws(() => checkValue({ N: '1'.repeat(long) }), { name: 'ValidationException' });
  assert.throws(() => checkValue({ N: `${'1'.repeat(long)}x` }), { name: 'ValidationException' });
  assert.throws(() => checkValue({ B: '=' }), { name: 'SerializationException' });
});

test('nesting is bounded at 32', () => {
  const nested = (depth: number): unknown =>
    JSON.parse(`${'{"L":['.repeat(depth - 1)}{"S":"x"}${']}'.repeat(depth - 1)}`);
  checkValue(nested(32));
  assert.throws(() => checkValue(nested(33)), /Nesting Levels have exceeded supported limits/);
  assert.throws(() => checkValue(nested(100_000)), /Nesting Levels have exceeded supported limits/);
});

test('names of prototypes are names like any other', () => {
  const item = checkItem(JSON.parse('{"__proto__":{"S":"a"},"constructor":{"S":"b"}}'));
  assert.deepEqual(member(item, '__proto__'), { S: 'a' });
  assert.equal(member({}, 'constructor'), undefined);
  assert.equal(itemSize(item), 9 + 1 + 11 + 1);
  const copy: Item = {};
  setMember(copy, '__proto__', { S: 'c' });
  assert.equal(JSON.stringify(copy), '{"__proto__":{"S":"c"}}');
});

test('sets are equal in any order; types never are', () => {
  assert.ok(valuesEqual({ SS: ['a', 'b'] }, { SS: ['b', 'a'] }));
  assert.ok(!valuesEqual({ SS: ['a', 'b'] }, { SS: ['a', 'c'] }));
  assert.ok(!valuesEqual({ SS: ['1'] }, { NS: ['1'] }));
  assert.ok(!valuesEqual({ L: [{ S: 'a' }, { S: 'b' }] }, { L: [{ S: 'b' }, { S: 'a' }] }));
  assert.ok(
    valuesEqual({ M: { a: { N: '1' }, b: { NULL: true } } }, { M: { b: { NULL: true }, a: { N: '1' } } }),
  );
  assert.ok(!valuesEqual({ M: { a: { N: '1' } } }, { M: { b: { N: '1' } } }));
});
