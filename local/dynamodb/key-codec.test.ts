/** Encoded keys must sort as bytes exactly as their values sort. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeKey, prefixEnd } from './key-codec.ts';
import { compareNumbers, normaliseNumber } from './number.ts';

test('encoded numbers sort as numbers', () => {
  const magnitudes = ['1e-130', '1.5e-130', '0.009', '0.0099', '0.01', '0.1', '0.11', '1', '1.01', '9', '10'];
  magnitudes.push('11', '99', '100', '101', '109', '110', '999', '12345678901234567890', '9.99e125');
  const numbers = [...magnitudes, ...magnitudes.map((text) => `-${text}`), '0'].map(normaliseNumber);
  for (const a of numbers) {
    for (const b of numbers) {
      const bytes = Math.sign(Buffer.compare(encodeKey('N', a), encodeKey('N', b)));
      assert.equal(bytes, Math.sign(compareNumbers(a, b)), `${a} and ${b}`);
    }
  }
});

test('what starts with a prefix lies between it and its end', () => {
  const end = prefixEnd(Buffer.from('ab'));
  assert.ok(end !== undefined);
  assert.ok(Buffer.compare(Buffer.from('ab\u{10ffff}'), end) < 0);
  assert.ok(Buffer.compare(Buffer.from('ac'), end) >= 0);
  assert.deepEqual(prefixEnd(Uint8Array.of(1, 255, 255)), Buffer.from([2]));
  assert.equal(prefixEnd(Uint8Array.of(255, 255)), undefined);
});
