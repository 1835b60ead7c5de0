/** Exact decimals: spelling, limits, order and sums, against BigInt as the other opinion. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addNumbers, compareNumbers, negateNumber, normaliseNumber, numberSize } from './number.ts';

test('numbers that are no numbers are refused', () => {
  for (const text of ['', '.', 'e5', '1e', '1.2.3', 'NaN', 'Infinity', '0x10', '1_000', '--1', '1,5']) {
    assert.throws(() => normaliseNumber(text), { name: 'ValidationException' }, text);
  }
});

test('a long run of zeros is read in linear time', () => {
  assert.equal(normaliseNumber(`${'0'.repeat(500_000)}1.${'0'.repeat(500_000)}`), '1');
  assert.throws(() => normaliseNumber(`1${'0'.repeat(500_000)}1`), { name: 'ValidationException' });
});

test('sums agree with whole numbers scaled up', () => {
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 500; round += 1) {
    const scale = random(6);
    const units = () => BigInt(random(1_000_000_000)) * BigInt(random(1_000_000_000)) - 10n ** 17n;
    const [a, b] = [units(), units()];
    const sum = addNumbers(scaled(a, scale), scaled(b, scale));
    assert.equal(sum, scaled(a + b, scale), `seed 42, round ${String(round)}`);
    const order = compareNumbers(scaled(a, scale), scaled(b, scale));
    assert.equal(Math.sign(order), a < b ? -1 : a > b ? 1 : 0);
  }
});

test('sums at the ends of the range', () => {
  assert.equal(addNumbers('0.1', '0.2'), '0.3');
  assert.equal(addNumbers('5', negateNumber('5')), '0');
  assert.throws(() => addNumbers('1e125', '1e-130'), /38 significant digits/);
  assert.throws(() => addNumbers('9e125', '9e125'), /Number overflow/);
});

test('a number counts a byte for two digits, one for itself, one for its sign', () => {
  assert.deepEqual(['0', '7', '-7', '123', '1000', '0.001', '-12.34'].map(numberSize), [1, 2, 3, 3, 2, 2, 4]);
  assert.deepEqual(['123456', '3.14159', '100.5', '1e125'].map(numberSize), [4, 5, 4, 2], 'halves apart');
});

test('an exponent is read in full before the range is checked, that of zero too', () => {
  for (const text of ['1e99999999999', '1e2147483648', '0e126', '1e9223372036854775807']) {
    assert.throws(() => normaliseNumber(text), /Number overflow/, text);
  }
  for (const text of ['1e-99999999999', '0e-131']) {
    assert.throws(() => normaliseNumber(text), /Number underflow/, text);
  }
  for (const text of ['1e9223372036854775808', `1e${'9'.repeat(30)}`]) {
    assert.throws(() => normaliseNumber(text), /cannot be converted/, text);
  }
  assert.deepEqual(['0e125', '-0', '000', '0.00', '.0e1'].map(normaliseNumber), ['0', '0', '0', '0', '0']);
});

/** `units / 10^scale` as normalised text. */
function scaled(units: bigint, scale: number): string {
  return normaliseNumber(`${String(units)}e-${String(scale)}`);
}
