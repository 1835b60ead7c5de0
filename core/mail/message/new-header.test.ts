// What the index of a message with another header must be is what indexing that message gives.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { indexMessage } from './index-message.ts';
import { MAX_HEADER_BYTES } from './limits.ts';
import { withNewHeader } from './new-header.ts';
import { decodeParts, encodeParts } from './parts-codec.ts';

const FIELDS = [
  'Content-Type: multipart/mixed; boundary=a',
  'Content-Type: multipart/digest; boundary="ab"',
  'Content-Type: message/rfc822',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  'Bcc: hidden@example.org',
  'Subject: one\r\n two',
  'no colon in this line',
  'From: a@b.test',
  'Content-Disposition: attachment; filename="x.txt"',
];
const BODY = [
  '\r\n',
  '\r\n--a\r\n',
  '\r\n--ab\r\n',
  '--a--\r\n',
  'Content-Type: text/plain\r\n\r\n',
  'Hello',
  '--',
];

/** mulberry32: small, and the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What is kept of the index, as it travels. */
function kept(bytes: Uint8Array) {
  const { envelope, bodyStructure, preview, parts } = indexMessage(bytes);
  return { envelope, bodyStructure, preview, parts: decodeParts(encodeParts(parts)) };
}

test('any message: fields in front, fields taken out, and the index is that of the new message', () => {
  for (let seed = 0; seed < 3000; seed++) {
    const below = random(seed);
    const some = (from: readonly string[], most: number) =>
      Array.from({ length: below(most) }, () => from[below(from.length)] ?? '');
    const fields = some(FIELDS, 6).map((field) => `${field}\r\n`);
    const body = Buffer.from(some(BODY, 30).join(''));
    const header = Buffer.from(`${fields.join('')}\r\n`);
    const left = fields.filter((field) => !field.startsWith('Bcc'));
    const newHeader = Buffer.from(`Return-Path: <>\r\nDate: today\r\n${left.join('')}\r\n`);
    const { envelope: _, ...seen } = kept(Buffer.concat([header, body]));
    const expected = kept(Buffer.concat([newHeader, body]));
    assert.deepEqual(withNewHeader(seen, header, newHeader), expected, `seed ${seed}`);
  }
});

test('a header that says other things about the body is not taken for the old one', () => {
  const body = Buffer.from('--a\r\n\r\nx\r\n--a--\r\n');
  const header = Buffer.from('Content-Type: multipart/mixed; boundary=a\r\n\r\n');
  const seen = kept(Buffer.concat([header, body]));
  const long = Buffer.from(`X: ${'x'.repeat(MAX_HEADER_BYTES)}\r\n${header}`);
  for (const other of [
    '\r\n',
    `Content-Type: text/plain\r\n${header}`,
    long,
    'no end\r\n',
    `\r\n${header}`,
  ]) {
    assert.equal(withNewHeader(seen, header, Buffer.from(other)), undefined, `${other.slice(0, 40)}`);
  }
  const encoded = Buffer.from(`Content-Transfer-Encoding: 8bit\r\n${header}`);
  assert.equal(withNewHeader(seen, header, encoded), undefined);
});
