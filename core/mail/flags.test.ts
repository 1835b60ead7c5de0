// Spelling and validity of flags.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalFlags, changeFlags, parseFlag } from './flags.ts';

test('system flags and registered keywords get their spelling, others keep theirs', () => {
  assert.equal(parseFlag('\\sEEN'), '\\Seen');
  assert.equal(parseFlag('$forwarded'), '$Forwarded');
  assert.equal(parseFlag('MyTag'), 'MyTag');
});

test('what is no flag is refused', () => {
  for (const text of [
    '',
    '\\Recent',
    '\\Foo',
    '\\*',
    'a b',
    'a(b',
    'a%b',
    'a*',
    'a"',
    'a]',
    'a{',
    'ü',
    '\u0000',
    'x'.repeat(65),
  ])
    assert.equal(parseFlag(text), undefined, text);
});

test('sets are sorted, without duplicates in any case, without \\Recent', () => {
  assert.deepEqual(canonicalFlags(['b', '\\Seen', 'a', 'B', '\\seen', '\\Recent']), ['\\Seen', 'a', 'b']);
  assert.deepEqual(changeFlags(['\\Seen', 'a'], ['b'], ['\\Seen']), ['a', 'b']);
});
