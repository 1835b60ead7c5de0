import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddressText, parseDomain, parsePassword, parseQuota, parseTenant } from './names.ts';
import type { Outcome } from './outcome.ts';

const good = (outcome: Outcome<unknown>) => ('done' in outcome ? outcome.done : outcome);
const allRefused = (parse: (text: string) => Outcome<unknown>, texts: readonly string[]) => {
  for (const text of texts) assert.ok('refused' in parse(text), `'${text}' was accepted`);
};

test('tenants', () => {
  assert.equal(good(parseTenant('acme-2')), 'acme-2');
  allRefused(parseTenant, ['', '-', '-a', 'Acme', 'a#b', 'a/b', 'a'.repeat(64), 'é']);
});

test('domains become A-labels in lower case', () => {
  assert.equal(good(parseDomain('Bücher.Example.')), 'xn--bcher-kva.example');
  allRefused(parseDomain, ['', 'localhost', 'a..b', '-a.test', 'a_b.test', '127.0.0.1', '[::1]', 'a b.test']);
  allRefused(parseDomain, [`${'a'.repeat(64)}.test`, `${'a.'.repeat(130)}test`, '@example.test']);
});

test('addresses', () => {
  assert.equal(good(parseAddressText("O'Neil+x@Example.TEST")), "o'neil+x@example.test");
  assert.equal(good(parseAddressText('Jo\u0301zef@example.test')), 'j\u00f3zef@example.test');
  allRefused(parseAddressText, ['', 'carol', '@x.test', 'a@b', '.a@x.test', 'a.@x.test', 'a..b@x.test']);
  allRefused(parseAddressText, ['a b@x.test', 'a\r\n@x.test', '"a"@x.test', 'a@b@x.test', 'a\u2028@x.test']);
  allRefused(parseAddressText, [`${'é'.repeat(33)}@x.test`]);
});

test('passwords', () => {
  assert.equal(good(parsePassword('päss wörd')), 'päss wörd');
  allRefused(parsePassword, ['', '1234567', '12345678\n', 'x'.repeat(1025)]);
});

test('quotas', () => {
  assert.equal(good(parseQuota('5GB')), 5e9);
  assert.equal(good(parseQuota('1.5 g')), 1.5e9);
  assert.equal(good(parseQuota('750000')), 750_000);
  assert.equal(good(parseQuota('None')), 0);
  allRefused(parseQuota, ['', '-1', '5 apples', 'GB', '1e9', '9999999999999 T']);
});
