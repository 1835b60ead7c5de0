// Header fields and the values in them: folding, choosing, encoded-words, parameters, dates.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { parseDate } from './date.ts';
import { decodeEncodedWords, encodeWords } from './encoded-words.ts';
import { messageIds } from './envelope.ts';
import { parseHeaderFields, selectHeaderFields, unfold } from './header-fields.ts';
import { decodeParameter, parseParameterised } from './parameters.ts';
import { quoted } from './wire-text.ts';

const HEADER = Buffer.from(
  'From a@b Mon Nov 23\r\nA: one\r\n two\r\nB : x\nnonsense\r\nC:\r\n \xfc\r\na: three\r\n\r\nD: body\r\n',
  'latin1',
);

test('fields lie where they lie', () => {
  const fields = parseHeaderFields(HEADER);
  assert.deepEqual(
    fields.map((field) => [field.name, field.rawValue]),
    [
      ['A', ' one\r\n two'],
      ['B', ' x'],
      ['C', '\r\n \xfc'],
      ['a', ' three'],
    ],
  );
  for (const field of fields) {
    const octets = HEADER.toString('latin1', field.start, field.end);
    assert.ok(
      octets.startsWith(field.name) && octets.endsWith('\n') && octets.includes(`:${field.rawValue}`),
    );
  }
  assert.equal(unfold(' one\r\n two '), 'one two');
});

test('chosen fields keep their octets and end with an empty line', () => {
  const choose = (names: string[], not: boolean) =>
    Buffer.from(selectHeaderFields(HEADER, names, not)).toString('latin1');
  assert.equal(choose(['a'], false), 'A: one\r\n two\r\na: three\r\n\r\n');
  assert.equal(choose(['A', 'b'], true), 'C:\r\n \xfc\r\n\r\n');
  assert.equal(choose(['none'], false), '\r\n');
  assert.equal(
    Buffer.from(selectHeaderFields(Buffer.from('X: cut'), ['x'], false)).toString(),
    'X: cut\r\n\r\n',
  );
});

test('encoded-words decode', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['=?ISO-8859-1?Q?a?=', 'a'],
    ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a_b?=', 'a b'],
    ['=?utf-8?B?w7w=?= =?utf-8?b?w7w?=', 'üü'],
    ['=?utf-8?q?=C3?= =?utf-8?q?=BC?=', 'ü'],
    ['=?utf-8*de?q?=C3=BC?=x', 'üx'],
    ['=?no-such?q?=C3=BC?=', 'ü'],
    ['=?utf-8?x?abc?=', '=?utf-8?x?abc?='],
    ['\xc3\xbc \xfc'.slice(0, 2), 'ü'],
    ['\xfc', 'ü'],
    ['u\xcc\x88', 'ü'],
  ];
  for (const [octets, text] of cases) assert.equal(decodeEncodedWords(octets), text, octets);
});

test('encoded-words are short, ASCII, and decode to what they were', () => {
  const text = 'Grüße 😀'.repeat(40);
  const words = encodeWords(text);
  assert.ok(words.split(' ').every((word) => word.length <= 75));
  assert.equal(decodeEncodedWords(words), text);
});

test('wire text is quoted ASCII', () => {
  assert.equal(quoted('a "b" \\ c\td\0e\r\nf'), '"a \\"b\\" \\\\ c de  f"');
  assert.match(quoted('\xff\xfe'), /^"=\?utf-8\?B\?[A-Za-z0-9+/=]+\?="$/);
});

test('parameters, RFC 2231 and worse', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['text/plain; charset=us-ascii (Plain text)', 'charset', 'us-ascii'],
    ['text/plain (a;b) ; x=1', 'x', '1'],
    ['a/b; name="a;\\"b\\""', 'name', 'a;"b"'],
    ['a/b; name=two words.pdf; x=y', 'name', 'two words.pdf'],
    ['a/b; boundary=----=_Part_1', 'boundary', '----=_Part_1'],
    ['message/external-body; URL*0="ftp://"; URL*1="cs.utk.edu"', 'url', 'ftp://cs.utk.edu'],
    ["a/b; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", 'title', 'This is ***fun***'],
    [
      "a/b; title*1*=%2A%2A%2Afun; title*0*=us-ascii'en'This%20is%20; title*2=\" it's\"",
      'title',
      "This is ***fun it's",
    ],
    ["a/b; name=plain; name*=utf-8''%C3%BC", 'name', 'ü'],
    ['a/b; name="=?utf-8?q?=C3=BC?="', 'name', 'ü'],
    ['a/b; name="\xc3\xbc"', 'name', 'ü'],
    ['a/b; x=1; X=2', 'x', '1'],
    ['a/b; junk; =; x = 1', 'x', '1'],
    ['a/b; name="open', 'name', 'open'],
    ['a/b', 'name', undefined],
  ];
  for (const [value, name, expected] of cases) {
    const parsed = parseParameterised(value);
    assert.equal(decodeParameter(parsed.parameters, name), expected, value);
  }
  assert.equal(parseParameterised(' Text / HTML (x) ; a=b').head, 'text/html');
});

test('dates, present and past', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z'],
    ['21 Nov 97 09:55 GMT', '1997-11-21T09:55:00.000Z'],
    ['Tue, 1 Jul 03 10:52:37 +0200 (CEST)', '2003-07-01T08:52:37.000Z'],
    ['Thu,\r\n 13\tFeb 1969 23:32:54 -0330', '1969-02-14T03:02:54.000Z'],
    ['Mon, 2 Jan 2006 15:04:05 EST', '2006-01-02T20:04:05.000Z'],
    ['2 January 2006 15:04:60 +0000', '2006-01-02T15:05:00.000Z'],
    ['Mon Jan  2 15:04:05 2006', '2006-01-02T15:04:05.000Z'],
    ['Mon, 2 Jan 106 15:04:05 Z', '2006-01-02T15:04:05.000Z'],
    ['30 Feb 2026 10:00:00 +0000', undefined],
    ['1 Foo 2026 10:00:00 +0000', undefined],
    ['1 Jan 2026 25:00:00 +0000', undefined],
    ['', undefined],
    ['tomorrow', undefined],
  ];
  for (const [value, iso] of cases) {
    const time = parseDate(value);
    assert.equal(time === undefined ? undefined : new Date(time).toISOString(), iso, value);
  }
});

test('message ids come in order, the last ones if there are too many', () => {
  assert.deepEqual(messageIds(' <a@b>\r\n\t<c d@e> junk <> <f'), ['<a@b>', '<cd@e>']);
  const many = Array.from({ length: 150 }, (_, index) => `<${index}@x>`);
  assert.deepEqual(messageIds(many.join(' ')), many.slice(50));
});
