// Attributes as the SDK's own library makes and reads them; what is not stored is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { fromAttributes, toAttributes } from './attributes.ts';

const item = {
  text: 'é\u0000',
  empty: '',
  zero: 0,
  large: Number.MAX_SAFE_INTEGER,
  less: -1.5e-7,
  yes: true,
  no: false,
  list: ['a', 1, false, [], { deep: [[1, 2]] }],
  map: { a: {}, b: 'c' },
  octets: Uint8Array.of(0, 255),
};

test('both ways as the library', () => {
  const attributes = marshall(item);
  assert.deepEqual(toAttributes(item), attributes);
  assert.deepEqual(fromAttributes(attributes), unmarshall(attributes));
  assert.deepEqual(fromAttributes(attributes), item);
});

test('a kind that is not stored is a bug', () => {
  const values = [undefined, null, 2n ** 60n, 2 ** 53, Number.NaN, new Set(['a']), new Date()];
  for (const value of values) assert.throws(() => toAttributes({ value }), assert.AssertionError);
  assert.throws(() => fromAttributes({ a: { N: '9007199254740993' } }), assert.AssertionError);
});

test('a kind of a newer writer stays as it is', () => {
  const attributes = { a: { NULL: true as const }, b: { S: 'text' } };
  assert.deepEqual(fromAttributes(attributes), { a: { NULL: true }, b: 'text' });
});
