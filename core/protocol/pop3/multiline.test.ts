import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MultilineEncoder, TopCutter } from './multiline.ts';

/** Encodes in chunks of that size. */
function encoded(message: string, chunkOctets: number): string {
  const encoder = new MultilineEncoder();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += chunkOctets) {
    parts.push(encoder.encode(Buffer.from(message.slice(at, at + chunkOctets), 'latin1')));
  }
  return Buffer.concat([...parts, encoder.end()]).toString('latin1');
}

const cases: readonly (readonly [string, string, string])[] = [
  ['an empty message', '', '.\r\n'],
  ['plain lines', 'a\r\nb\r\n', 'a\r\nb\r\n.\r\n'],
  ['a last line without its end', 'a\r\nb', 'a\r\nb\r\n.\r\n'],
  ['dots at line starts only', '.a\r\n..\r\n.\r\na.b\r\n', '..a\r\n...\r\n..\r\na.b\r\n.\r\n'],
  ['LF alone', 'a\n.\n\nb\n', 'a\r\n..\r\n\r\nb\r\n.\r\n'],
  ['CR inside a line', 'a\rb\r\r\n.c\r', 'a\rb\r\r\n..c\r\r\n.\r\n'],
  ['eight-bit octets', '\x80.\xff\r\n.\xfe', '\x80.\xff\r\n..\xfe\r\n.\r\n'],
];

for (const [what, message, wire] of cases) {
  test(`${what}, wherever the chunks end`, () => {
    for (let size = 1; size <= message.length + 1; size += 1) assert.equal(encoded(message, size), wire);
  });
}

test('a chunk that needs nothing is passed on as it is', () => {
  const chunk = Buffer.from('a\r\nb\r\n');
  assert.equal(new MultilineEncoder().encode(chunk), chunk);
});

function topOf(message: string, lines: number, chunkOctets: number): string {
  const cutter = new TopCutter(lines);
  let text = '';
  for (let at = 0; at < message.length; at += chunkOctets) {
    const { octets, complete } = cutter.cut(Buffer.from(message.slice(at, at + chunkOctets)));
    text += Buffer.from(octets).toString();
    if (complete) return text;
  }
  return text;
}

const message = 'A: b\r\n c\r\n\r\none\r\n\r\nthree\r\n';
const tops: readonly (readonly [number, string])[] = [
  [0, 'A: b\r\n c\r\n\r\n'],
  [1, 'A: b\r\n c\r\n\r\none\r\n'],
  [2, 'A: b\r\n c\r\n\r\none\r\n\r\n'],
  [9, message],
];

test('TOP is the header, the empty line and so many lines', () => {
  for (const [lines, expected] of tops) {
    for (let size = 1; size <= message.length; size += 1) assert.equal(topOf(message, lines, size), expected);
  }
  assert.equal(topOf('A: b\nC: d\n\none\ntwo\n', 1, 3), 'A: b\nC: d\n\none\n');
  assert.equal(topOf('no body', 5, 3), 'no body');
});
