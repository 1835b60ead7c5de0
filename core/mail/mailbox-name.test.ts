// Names, modified UTF-7 and LIST patterns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ancestorsOf, matcher, maxWildcards, parseMailboxName } from './mailbox-name.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';

function name(text: string): string {
  const parsed = parseMailboxName(text);
  return 'name' in parsed ? parsed.name : `! ${parsed.invalid}`;
}

test('names are brought into canonical form', () => {
  assert.equal(name('inBox'), 'INBOX');
  assert.equal(name('inbox/Sub'), 'INBOX/Sub');
  assert.equal(name('Inboxes'), 'Inboxes');
  assert.equal(name('a/b/'), 'a/b');
  assert.equal(name('Cafe\u0301'), 'Caf\u00e9');
});

test('bad names are refused', () => {
  for (const text of [
    '',
    '/',
    '/a',
    'a//b',
    'a/b//',
    'a%',
    'a*b',
    'a\u0000',
    'a\u0085',
    'a\u2028',
    '\ud800',
    'x'.repeat(1001),
  ])
    assert.match(name(text), /^!/, JSON.stringify(text));
  assert.match(name(Array(51).fill('a').join('/')), /levels/);
  assert.deepEqual(ancestorsOf('a/b/c'), ['a', 'a/b']);
});

test('modified UTF-7 both ways', () => {
  // The example of RFC 3501 5.1.3.
  const cases = {
    '~peter/mail/台北/日本語': '~peter/mail/&U,BTFw-/&ZeVnLIqe-',
    'a&b': 'a&-b',
    Entwürfe: 'Entw&APw-rfe',
    '😀': '&2D3eAA-',
  };
  for (const [text, coded] of Object.entries(cases)) {
    assert.equal(encodeModifiedUtf7(text), coded);
    assert.equal(decodeModifiedUtf7(coded), text);
  }
});

test('modified UTF-7 that no encoder writes is refused', () => {
  // Open shift, ASCII inside, touching shifts, lone surrogate, odd octets, bits left over, 8-bit, '/' in base64.
  for (const text of [
    'a&',
    '&AGE-',
    '&Jjo-&Jjo-',
    '&2D0-',
    '&AP-',
    '&AP3-',
    'ü',
    'a\tb',
    '&U/BTFw-',
    '&AP=-',
  ])
    assert.equal(decodeModifiedUtf7(text), undefined, text);
});

test('LIST wildcards', () => {
  const cases: [string, string, boolean][] = [
    ['*', 'a/b/c', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['%/%', 'a/b', true],
    ['a*c', 'a/b/c', true],
    ['a%c', 'abc', true],
    ['a%c', 'a/c', false],
    ['inbox', 'INBOX', true],
    ['iNbOx/%', 'INBOX/x', true],
    ['Sent', 'sent', false],
    ['*%*', 'x/y', true],
    ['', 'a', false],
    ['a*', 'a', true],
    ['%b', 'aab', true],
  ];
  for (const [pattern, text, expected] of cases)
    assert.equal(matcher(pattern)?.(text), expected, `${pattern} ${text}`);
});

test('hostile patterns are quick or refused', () => {
  const started = performance.now();
  assert.equal(matcher('*a'.repeat(maxWildcards))?.(`${'a'.repeat(990)}b`), false);
  assert.ok(performance.now() - started < 200);
  assert.equal(matcher('*a'.repeat(maxWildcards + 1)), undefined);
});
