// Seeded random and deliberately hostile messages: never an exception, offsets in bounds,
// children inside parents, pure ASCII wire text, chunking without effect, bounded time and size.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { indexMessage, MessageIndexer } from './index-message.ts';
import { MAX_DEPTH, MAX_HEADER_BYTES, MAX_PARTS, MAX_PREVIEW_CODE_POINTS } from './limits.ts';
import { decodeParts, encodeParts } from './parts-codec.ts';
import { resolveSection } from './sections.ts';
import type { MessageIndex, PartNode } from './types.ts';

/** DynamoDB's item limit, which the index must stay under. */
const MAX_ITEM_BYTES = 400 * 1024;
const SLOW_MS = 1500;

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

const PIECES = [
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '--a',
  '--a--',
  '--ab',
  '--ab--',
  '--',
  '-',
  '\r\n--a\r\n',
  '\r\n--ab\r\n',
  '\r\n--a--\r\n',
  'Content-Type: multipart/mixed; boundary=a\r\n\r\n',
  'Content-Type: message/rfc822\r\n\r\n',
  'Content-Type: multipart/digest; boundary="ab"\r\n\r\n',
  'Content-Type: text/html\r\n',
  '\r\n--a\r\n\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'Subject: =?utf-8?q?=C3',
  'From: "a\\" <b@c>, (x (y) <z@\r\n',
  'To: g: a@b, <@r:c@d>;\r\n',
  'Date: 31 Feb 99 25:61 EST\r\n',
  '\0',
  '\xff\xfe',
  'ü',
  ' ',
  '\t',
  "Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=x\"y\r\n",
  '=',
  '<style',
  '<p>',
  '&#0;',
  'hello world',
  'Content-Type: ;;=;\r\n',
  'Content-Type: text/plain; charset=utf-16\r\n',
  ':',
  ': x\r\n',
  '"',
  '(',
  '=\r\n',
] as const;

function randomMessage(below: (n: number) => number): Buffer {
  const pieces: string[] = [];
  for (let count = below(60); count >= 0; count--) pieces.push(PIECES[below(PIECES.length)] ?? '');
  const bytes = Buffer.from(pieces.join(''), below(2) === 0 ? 'latin1' : 'utf8');
  for (let count = below(4); count > 0 && bytes.length > 0; count--) bytes[below(bytes.length)] = below(256);
  return bytes;
}

function inChunks(bytes: Buffer, below: (n: number) => number): MessageIndex {
  const indexer = new MessageIndexer();
  const most = 1 + below(40);
  for (let at = 0; at < bytes.length; ) {
    const chunk = Buffer.from(bytes.subarray(at, at + below(most + 1)));
    indexer.write(chunk);
    at += chunk.length;
    chunk.fill(0x2d); // The indexer may not lean on a chunk that was given back.
  }
  return indexer.end();
}

function checkTree(part: PartNode, start: number, end: number, root: PartNode): number {
  assert.ok(start <= part.headerStart && part.headerStart <= part.bodyStart, part.path);
  assert.ok(part.bodyStart <= part.bodyEnd && part.bodyEnd <= end, part.path);
  assert.equal(part.sizeBytes, part.bodyEnd - part.bodyStart);
  assert.ok(part.lines >= 0 && part.lines <= part.sizeBytes);
  assert.deepEqual(resolveSection(root, part.path), { start: part.bodyStart, end: part.bodyEnd });
  let count = 1;
  let previous = part.bodyStart;
  for (const child of part.children) {
    count += checkTree(child, previous, part.bodyEnd, root);
    previous = child.bodyEnd;
  }
  return count;
}

function checkIndex(index: MessageIndex, bytes: Buffer): void {
  assert.equal(index.sizeBytes, bytes.length);
  assert.equal(index.parts.headerStart, 0);
  assert.equal(index.headerEnd, index.parts.bodyStart);
  assert.equal(index.parts.bodyEnd, bytes.length);
  assert.ok(checkTree(index.parts, 0, bytes.length, index.parts) <= 2 * MAX_PARTS);
  for (const text of [index.envelope, index.body, index.bodyStructure]) {
    assert.match(text, /^[ -~]*$/);
    assert.ok(isBalanced(text), text);
  }
  assert.ok([...index.preview].length <= MAX_PREVIEW_CODE_POINTS && index.preview.isWellFormed());
  assert.equal(encodeParts(decodeParts(encodeParts(index.parts))), encodeParts(index.parts));
}

/** Quoted strings closed, parentheses matched, as an IMAP client reads them. */
function isBalanced(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\]|\\["\\])*"/g, 'q');
  let depth = 0;
  for (const char of bare) {
    if (char === '(') depth++;
    if (char === ')' && --depth < 0) return false;
    if (char === '"') return false;
  }
  return depth === 0;
}

test('random messages, in any chunks', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
  const rounds = Number(process.env.ROUNDS ?? 1500);
  for (let round = 0; round < rounds; round++) {
    const below = random(seed + round);
    const bytes = randomMessage(below);
    try {
      const index = indexMessage(bytes);
      checkIndex(index, bytes);
      assert.deepEqual(inChunks(bytes, below), index);
    } catch (error) {
      throw new Error(`SEED=${seed + round} ROUNDS=1: ${JSON.stringify(bytes.toString('latin1'))}`, {
        cause: error,
      });
    }
  }
});

const repeat = (text: string, count: number) => text.repeat(count);
const numbered = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => one(index)).join('');
const deepMultiparts = numbered(
  1000,
  (i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
);
const HOSTILE: Readonly<Record<string, string>> = {
  '10,000 parts': `Content-Type: multipart/mixed; boundary=a\r\n\r\n${repeat('--a\r\n\r\nx\r\n', 10_000)}`,
  'parts with long names': `Content-Type: multipart/mixed; boundary=a\r\n\r\n${numbered(
    1000,
    (i) =>
      `--a\r\nContent-ID: <${i}${repeat('"', 900)}>\r\nContent-Type: image/png; name="${repeat('é', 900)}"\r\n\r\nx\r\n`,
  )}`,
  'empty multiparts': `Content-Type: multipart/mixed; boundary=a\r\n\r\n${repeat(
    '--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
    2000,
  )}`,
  'embedded messages with long headers': `Content-Type: multipart/digest; boundary=a\r\n\r\n${repeat(
    `--a\r\n\r\nSubject: ${repeat('é', 900)}\r\nTo: ${repeat('"ab\\"" <x@y.example>, ', 40)}\r\n\r\nx\r\n`,
    600,
  )}`,
  '1,000 levels of multipart': deepMultiparts,
  '1,000 levels of message': repeat('Content-Type: message/rfc822\r\n\r\n', 1000),
  'a header line of 2 MB': `Subject: ${repeat('x', 2_000_000)}\r\n\r\nbody`,
  'fifty thousand fields': `${repeat('X: y\r\n', 50_000)}Subject: late\r\n\r\nbody`,
  'an address list without end': `To: ${repeat('"Ö" <a@b.example>, ', 60_000)}\r\n\r\n`,
  'open comments': `From: ${repeat('(', 200_000)}\r\nContent-Type: ${repeat('(', 100_000)}\r\n\r\n`,
  'brackets and quotes': `From: ${repeat('<"', 50_000)}\r\nTo: ${repeat('[', 100_000)}\r\nCc: ${repeat('=?a?b?', 40_000)}\r\n\r\n`,
  'parameters without end': `Content-Type: text/plain${repeat(';a*0*=%ff', 25_000)}\r\n\r\nx`,
  'encoded words': `Subject: ${repeat('=?utf-8?q?=C3?= ', 10_000)}\r\n\r\n`,
  'blanks in quoted-printable': `Content-Transfer-Encoding: quoted-printable\r\n\r\n${repeat(' ', 100_000)}=`,
  'open tags': `Content-Type: text/html\r\n\r\n${repeat('<style><!--', 20_000)}`,
  'references without end': `References: ${repeat(`<${repeat('r', 900)}@x> `, 250)}\r\n\r\n`,
  NULs: repeat('\0', 500_000),
  dashes: `Content-Type: multipart/mixed; boundary=a\r\n\r\n${repeat('-', 500_000)}`,
  'near delimiters': `Content-Type: multipart/mixed; boundary=a\r\n\r\n${repeat('--b\n', 200_000)}`,
  'line ends': repeat('\n', 1_000_000),
};

for (const [name, text] of Object.entries(HOSTILE)) {
  test(`hostile: ${name}`, () => {
    const bytes = Buffer.from(text);
    const start = performance.now();
    const index = indexMessage(bytes);
    assert.ok(performance.now() - start < SLOW_MS);
    checkIndex(index, bytes);
    const { parts, ...rest } = index;
    const stored = Buffer.byteLength(JSON.stringify(rest)) + Buffer.byteLength(encodeParts(parts));
    assert.ok(stored < MAX_ITEM_BYTES, `${stored} octets`);
  });
}

test('past the part limit one leaf holds the rest', () => {
  const message = `Content-Type: multipart/mixed; boundary=a\r\n\r\n${repeat('--a\r\n\r\nx\r\n', 10_000)}`;
  const { children, bodyEnd } = indexMessage(Buffer.from(message)).parts;
  assert.equal(children.length, MAX_PARTS - 1);
  const last = children.at(-1);
  assert.equal(`${last?.type}/${last?.subtype}`, 'application/octet-stream');
  assert.equal(last?.bodyEnd, bodyEnd);
  assert.equal(children.at(-2)?.sizeBytes, 1);
});

test('past the depth limit a container is a leaf', () => {
  let part: PartNode | undefined = indexMessage(Buffer.from(deepMultiparts)).parts;
  let depth = 0;
  for (; part !== undefined; part = part.children[0]) {
    depth++;
    if (part.children.length === 0) assert.equal(part.subtype, 'octet-stream');
  }
  assert.equal(depth, MAX_DEPTH);
});

test('past the header limit offsets stay right', () => {
  const header = `Subject: here\r\nX-Long: ${repeat('x', MAX_HEADER_BYTES)}\r\nTo: late@b.example\r\n\r\n`;
  const index = indexMessage(Buffer.from(`${header}body`));
  assert.equal(index.subject, 'here');
  assert.equal(index.to, undefined);
  assert.equal(index.headerEnd, header.length);
});
