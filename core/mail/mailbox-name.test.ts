// Names, modified UTF-7 and LIST patterns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../test/support/random.ts';
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
  const long = matcher(`*${'a'.repeat(900)}b`);
  const name = 'a'.repeat(999);
  for (let n = 0; n < 200; n++) assert.equal(long?.(name), false);
  assert.ok(performance.now() - started < 1000, `${performance.now() - started} ms`);
  assert.equal(matcher(`*${'x'.repeat(60_000)}`)?.('x'.repeat(1000)), false);
});

test('patterns mean what a regular expression would, also over the edges of words', () => {
  const random = seededRandom(7);
  const text = (chars: string, most: number) =>
    Array.from(
      { length: Math.floor(random() * most) },
      () => chars[Math.floor(random() * chars.length)],
    ).join('');
  for (let n = 0; n < 3000; n++) {
    const most = n % 3 === 0 ? 100 : 12;
    const pattern = `z${text(n % 3 === 0 ? 'aaaaaaaaaaaaaa*%/' : 'ab*%/', most)}`;
    const source = pattern.replace(/[*%]+/g, (run) => (run.includes('*') ? '.*' : '[^/]*'));
    const name = `z${text(n % 3 === 0 ? 'aaaaaaaaaaaaaaaaaaaaa/' : 'ab/', most)}`;
    if ((pattern.match(/[*%]+/g)?.length ?? 0) > 6) continue;
    assert.equal(matcher(pattern)?.(name), new RegExp(`^${source}$`).test(name), `${pattern} ${name}`);
  }
});
