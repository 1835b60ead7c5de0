// The indexer on small messages: offsets, structure, limits, what is broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexMessage, MessageIndexer } from './index-message.ts';
import { decodeParts, encodeParts } from './parts-codec.ts';
import { resolveSection } from './sections.ts';
import type { PartNode } from './types.ts';

const crlf = (...lines: string[]) => Buffer.from(lines.join('\r\n'));
const section = (message: Buffer, spec: string) => {
  const range = resolveSection(indexMessage(message).parts, spec);
  return range && message.subarray(range.start, range.end).toString('latin1');
};

test('an empty message has an index', () => {
  const index = indexMessage(Buffer.alloc(0));
  assert.equal(index.headerEnd, 0);
  assert.equal(index.envelope, '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)');
  assert.equal(index.body, '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)');
});

test('a header without an empty line has no body', () => {
  const message = crlf('Subject: only', 'To: a@b.example');
  const index = indexMessage(message);
  assert.equal(index.headerEnd, message.length);
  assert.equal(index.subject, 'only');
  assert.equal(index.parts.sizeBytes, 0);
});

const NESTED = crlf(
  'Subject: outer',
  'Content-Type: multipart/mixed; boundary=a',
  '',
  'preamble',
  '--a',
  'Content-Type: multipart/alternative; boundary=ab',
  '',
  '--ab  ',
  '',
  'plain text',
  '--ab',
  'Content-Type: text/html',
  '',
  '<p>html</p>',
  '--ab--',
  'epilogue of ab',
  '--a',
  'Content-Type: message/rfc822',
  '',
  'Subject: inner',
  'Content-Type: multipart/mixed; boundary=i',
  '',
  '--i',
  '',
  'deep',
  '--i',
  '',
  '--a--',
  'epilogue',
);

test('sections resolve to the octets RFC 9051 6.4.5.1 names', () => {
  assert.equal(section(NESTED, ''), NESTED.toString());
  assert.equal(section(NESTED, '1.1'), 'plain text');
  assert.equal(section(NESTED, '1.2'), '<p>html</p>');
  assert.equal(section(NESTED, '1.2.mime'), 'Content-Type: text/html\r\n\r\n');
  assert.equal(
    section(NESTED, '2.HEADER'),
    'Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n',
  );
  // The empty line of the last, empty part stays inside its parent.
  assert.equal(section(NESTED, '2.TEXT'), '--i\r\n\r\ndeep\r\n--i\r\n\r\n');
  assert.equal(section(NESTED, '2.1'), 'deep');
  assert.equal(section(NESTED, '2.2'), '');
  assert.equal(section(NESTED, 'HEADER'), NESTED.subarray(0, NESTED.indexOf('preamble')).toString());
  for (const none of ['0', '3', '1.1.1', '1.HEADER', '2.3', 'MIME', '1.', 'x', '1.1.TEXT'])
    assert.equal(section(NESTED, none), undefined, none);
});

test('a message without parts has part 1 and no more', () => {
  const message = crlf('Subject: x', '', 'body');
  assert.equal(section(message, '1'), 'body');
  assert.equal(section(message, '1.MIME'), 'Subject: x\r\n\r\n');
  assert.equal(section(message, '1.1'), undefined);
  assert.equal(section(message, 'TEXT'), 'body');
});

test('each path fetches the body of its part', () => {
  const index = indexMessage(NESTED);
  const visit = (part: PartNode) => {
    assert.deepEqual(resolveSection(index.parts, part.path), { start: part.bodyStart, end: part.bodyEnd });
    for (const child of part.children) visit(child);
  };
  visit(index.parts);
});

test('octet by octet gives the same index', () => {
  const indexer = new MessageIndexer();
  for (const byte of NESTED) indexer.write(Uint8Array.of(byte));
  assert.deepEqual(indexer.end(), indexMessage(NESTED));
});

test('bare LF counts as a line end', () => {
  const message = Buffer.from(NESTED.toString().replaceAll('\r\n', '\n'));
  assert.equal(section(message, '1.1'), 'plain text');
  assert.equal(section(message, '2.1'), 'deep');
});

test('the stored tree comes back', () => {
  const { parts } = indexMessage(NESTED);
  const stored = decodeParts(encodeParts(parts));
  assert.equal(encodeParts(stored), encodeParts(parts));
  assert.deepEqual(stored.children[1]?.children[0]?.children[0]?.path, '2.1');
});
