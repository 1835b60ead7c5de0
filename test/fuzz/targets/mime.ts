/** The MIME index: any octets, in any chunks, give one index whose sections lie in the message. */
import assert from 'node:assert/strict';
import { indexMessage, MessageIndexer } from '../../../core/mail/message/index-message.ts';
import { decodeParts, encodeParts } from '../../../core/mail/message/parts-codec.ts';
import { resolveSection } from '../../../core/mail/message/sections.ts';
import type { MessageIndex, PartNode } from '../../../core/mail/message/types.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';
import { headerValue, headerWords } from './header-value.ts';
import { assertImapLine } from './imap-syntax.ts';

const types = [
  'text/plain; charset=utf-8',
  'text/html; charset="iso-8859-1"',
  'text/plain; charset=utf-7',
  'multipart/mixed; boundary=b',
  'multipart/mixed; boundary="b b"',
  'multipart/alternative; boundary=bb',
  'multipart/digest; boundary=b-',
  'multipart/mixed',
  'message/rfc822',
  'message/delivery-status',
  "application/pdf; name*=utf-8''%C3%A4.pdf",
  'image/png',
  'foo',
];

export const mime: Target = {
  name: 'mime',
  words: [
    ...headerWords,
    ...types.map((type) => `Content-Type: ${type}\r\n`),
    '\r\n--b\r\n',
    '--b--\r\n',
    '--bb',
    '\r\n\r\n',
    '\n\n',
    '\r\n ',
    'Content-Transfer-Encoding: base64\r\n',
    'Content-Transfer-Encoding: quoted-printable\r\n',
    "Content-Disposition: attachment; filename*0*=utf-8''a%20; filename*1=b\r\n",
  ],
  generate: (chance) => Buffer.from(entity(chance, 0), 'latin1'),
  run: check,
};

function entity(chance: Chance, depth: number): string {
  const type = chance.pick(types);
  const fields = chance.some(5, () => `${chance.pick(fieldNames)}:${headerValue(chance)}\r\n`);
  const head = `${fields}Content-Type: ${type}\r\n${chance.oneIn(4) ? fields : ''}\r\n`;
  if (depth < 4 && type.startsWith('message/rfc822')) return head + entity(chance, depth + 1);
  const boundary = /boundary="?([^"]*)/.exec(type)?.[1];
  if (depth >= 4 || boundary === undefined) return head + chance.some(4, () => text(chance), '\r\n');
  const parts = chance.some(4, () => `--${boundary}\r\n${entity(chance, depth + 1)}\r\n`);
  return `${head}${chance.oneIn(3) ? 'preamble\r\n' : ''}${parts}--${boundary}${chance.pick(['--', '--\r\n', '', '-- \r\nend\r\n'])}`;
}

const fieldNames = [
  'From',
  'To',
  'Cc',
  'Sender',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Content-Transfer-Encoding',
  'Content-Disposition',
  'Content-ID',
  'Content-Language',
  'Content-Description',
  'X',
  '',
];

function text(chance: Chance): string {
  return chance.pick([
    'hello',
    '<p>&amp;&#x41;<script>x</script>',
    '=C3=A4=\r\n',
    'aGVsbG8=',
    '+AOQ-',
    '-- ',
    '--b',
    '\xc3\xa4\xff',
    chance.octets(20),
  ]);
}

function check(input: Buffer): void {
  const index = indexMessage(input);
  assert.equal(index.sizeBytes, input.length, 'size');
  checkChunks(input, index);
  checkTexts(index);
  const [root, stored] = [index.parts, decodeParts(encodeParts(index.parts))];
  checkPart(root, stored, 0, input.length);
  for (const section of ['', 'HEADER', 'TEXT', '1', '1.MIME', '2.1.HEADER', '1.1.TEXT', '3'])
    assert.deepEqual(resolveSection(stored, section), resolveSection(root, section), `section ${section}`);
}

/** Chunks must not matter. */
function checkChunks(input: Buffer, whole: MessageIndex): void {
  const step = input.length < 5000 ? 1 + (input.length % 7) : 1 + (input.length % 4093);
  const indexer = new MessageIndexer();
  for (let at = 0; at < input.length; at += step) {
    const chunk = Buffer.from(input.subarray(at, at + step));
    indexer.write(chunk);
    chunk.fill(0x2d);
  }
  assert.deepEqual(indexer.end(), whole, `chunks of ${step}`);
}

function checkTexts(index: MessageIndex): void {
  for (const text of [index.envelope, index.body, index.bodyStructure]) assertImapLine(text);
  assert.ok([...index.preview].length <= 200, 'preview too long');
  assert.ok(!/[\0\r\n]/.test(index.preview), 'preview with control characters');
  const size = JSON.stringify(index.envelope + index.bodyStructure + encodeParts(index.parts)).length;
  assert.ok(size < 300_000, `an index of ${size} chars`);
  assert.ok(index.dateMs === undefined || Number.isSafeInteger(index.dateMs), 'date');
}

function checkPart(part: PartNode, stored: PartNode, start: number, end: number): void {
  const { headerStart, bodyStart, bodyEnd, sizeBytes, lines } = part;
  assert.ok(
    start <= headerStart && headerStart <= bodyStart && bodyStart <= bodyEnd && bodyEnd <= end,
    'bounds',
  );
  assert.equal(sizeBytes, bodyEnd - bodyStart);
  assert.ok(lines <= sizeBytes, 'lines');
  const { children, ...own } = stored;
  for (const [key, value] of Object.entries(own))
    assert.deepEqual(value, Reflect.get(part, key), `stored ${key}`);
  assert.equal(children.length, part.children.length, 'stored children');
  let from = bodyStart;
  for (const [n, child] of part.children.entries()) {
    checkPart(child, children[n] ?? child, from, bodyEnd);
    from = child.bodyEnd;
  }
}
