import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical, formatAddress, parseAddress, parseDomain, scanAddress } from './address.ts';

test('ordinary and odd addresses', () => {
  const cases: Record<string, [string, string]> = {
    'ann@Example.ORG': ['ann', 'example.org'],
    "o'hara+x=y@a-b.example": ["o'hara+x=y", 'a-b.example'],
    '"a b\\"c@d"@example.org': ['a b"c@d', 'example.org'],
    'a@[192.0.2.1]': ['a', '[192.0.2.1]'],
    'a@[IPv6:2001:db8::1]': ['a', '[ipv6:2001:db8::1]'],
    'jörg@bücher.example': ['jörg', 'xn--bcher-kva.example'],
    'a@host_1.example': ['a', 'host_1.example'],
    'a@localhost': ['a', 'localhost'],
  };
  for (const [text, [localPart, domain]] of Object.entries(cases)) {
    assert.deepEqual(parseAddress(text), { localPart, domain }, text);
  }
});

test('what is no address', () => {
  const bad = [
    '',
    '@',
    'a',
    'a@',
    '@b',
    'a@b@c',
    'a..b@c',
    '.a@c',
    'a.@c',
    'a b@c',
    'a@b..c',
    'a@.b',
    'a@b.',
    'a@-b.c',
    'a@b-.c',
    'a@[1.2.3]',
    'a@[',
    '"a@b',
    '""@b',
    '"a\r\n"@b',
    'a\0@b',
    'a@b c',
    'a@b>',
    `${'a'.repeat(65)}@b`,
    `a@${'b'.repeat(64)}.c`,
    `a@${'b.'.repeat(130)}c`,
    'a(c)@b',
    '<a@b>',
  ];
  for (const text of bad) assert.equal(parseAddress(text), undefined, text);
});

test('an address ends where its grammar ends', () => {
  assert.equal(scanAddress('<"x>y"@b.c> SIZE=1', 1)?.end, 10);
});

test('formatting gives back what parses to the same', () => {
  for (const text of ['ann@example.org', '"a b\\"\\\\c"@example.org', '"a..b"@example.org']) {
    const address = parseAddress(text);
    assert.ok(address);
    assert.equal(formatAddress(address), text);
  }
});

test('canonical form is one for all spellings', () => {
  const spellings = ['ANN@example.org', 'ann@EXAMPLE.org', '"ann"@example.org'].map((text) =>
    parseAddress(text),
  );
  for (const address of spellings) assert.equal(address && canonical(address), 'ann@example.org');
});

test('domains', () => {
  assert.equal(parseDomain('MAIL.Example.org'), 'mail.example.org');
  assert.equal(parseDomain('a b'), undefined);
  assert.equal(parseDomain('[1.2.3.4]x'), undefined);
});
