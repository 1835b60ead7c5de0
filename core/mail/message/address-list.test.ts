// Address lists as senders write them, right and wrong. RFC 5322 A.1, A.5, A.6.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayAddresses, parseAddressList } from './address-list.ts';
import type { AddressItem } from './types.ts';

/** `name|route|local|domain`, `[group` and `]`. */
const brief = (items: readonly AddressItem[]) =>
  items.map((item) => {
    if (item.kind === 'group-start') return `[${item.name}`;
    return item.kind === 'group-end'
      ? ']'
      : [item.name ?? '', item.route ?? '', item.localPart, item.domain].join('|');
  });

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  [' \r\n\t,, ,', []],
  ['a@b.example', ['||a|b.example']],
  ['A B <a@b.example>', ['A B||a|b.example']],
  ['"Joe Q. Public" <john.q.public@example.com>', ['Joe Q. Public||john.q.public|example.com']],
  ['Joe Q. Public <j@example.com>', ['Joe Q. Public||j|example.com']],
  ['"Giant; \\"Big\\" Box" <sysservices@example.net>', ['Giant; "Big" Box||sysservices|example.net']],
  [
    'A Group:Ed Jones <joe@where.test>,john@jdoe.one.test;',
    ['[A Group', 'Ed Jones||joe|where.test', '||john|jdoe.one.test', ']'],
  ],
  ['Undisclosed recipients:;, a@b', ['[Undisclosed recipients', ']', '||a|b']],
  ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', ['Pete||pete|silly.test']],
  ['a@b (The Name)', ['The Name||a|b']],
  [
    'Mary Smith <@machine.tld:mary@example.net>, , jdoe@test   . example',
    ['Mary Smith|@machine.tld|mary|example.net', '||jdoe|test.example'],
  ],
  ['<@a,@b:c@d>', ['|@a,@b|c|d']],
  ['"a b"@x.example', ['||a b|x.example']],
  ['user@[IPv6:2001:db8::1]', ['||user|[IPv6:2001:db8::1]']],
  ['=?utf-8?q?A,_B:_C?= <a@b>', ['=?utf-8?q?A,_B:_C?=||a|b']],
  ['a@b@c', ['||a@b|c']],
  ['a@b <c@d>', ['a@b||c|d']],
  ['no address', ['||no address|']],
  ['<>', []],
  ['Name <>', ['Name|||']],
  ['open <a@b, c@d', ['open||a|b', '||c|d']],
  ['g: a@b', ['[g', '||a|b', ']']],
  ['a@b; c@d', ['||a|b', '||c|d']],
  ['"open <a@b>', ['||open <a@b>|']],
  ['folded\r\n name <a@b>', ['folded name||a|b']],
];

for (const [value, expected] of CASES)
  test(`address list: ${JSON.stringify(value)}`, () =>
    assert.deepEqual(brief(parseAddressList(value)), expected));

test('display names are decoded, groups melt, the length is bounded', () => {
  const items = parseAddressList('=?iso-8859-1?q?J=FCrgen?= <j@x>, g: a@b;, nobody');
  assert.equal(displayAddresses(items, 100), 'Jürgen <j@x>, a@b, nobody');
  assert.equal(displayAddresses(items, 16), 'Jürgen <j@x>');
});
