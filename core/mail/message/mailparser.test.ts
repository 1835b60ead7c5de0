// Our offsets against another parser: what mailparser decodes from messages that nodemailer
// composed is, octet for octet, what lies at our offsets.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { decodeCharset } from './charset.ts';
import { indexMessage } from './index-message.ts';
import { decodeTransfer } from './transfer-encoding.ts';
import type { IndexedPart } from './types.ts';

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const blob = (length: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255));

const MESSAGES = {
  'text and attachments': {
    from: '"Anna Müller, CEO" <anna@müller.example>',
    to: ['bob@x.example', { name: 'Jürgen', address: 'j@x.example' }],
    cc: 'Team <team@x.example>',
    subject: 'Übersicht für das nächste Quartal, und noch viel mehr Text, damit gefaltet wird 😀',
    date: new Date('2026-11-23T10:00:00Z'),
    inReplyTo: '<a@x.example>',
    references: ['<z@x.example>', '<a@x.example>'],
    text: 'Grüße aus Köln\n\n--\nAnna',
    html: '<p>Grüße aus <b>Köln</b></p>',
    attachments: [
      {
        filename: 'Bericht – Überblick mit einem sehr langen Namen, der geteilt werden muss.pdf',
        content: blob(70_000),
      },
      { filename: 'empty.bin', content: Buffer.alloc(0) },
      { filename: 'notes.txt', content: 'first\nsecond\n', contentType: 'text/plain' },
    ],
  },
  'html with an inline picture': {
    from: 'a@x.example',
    to: 'b@x.example',
    subject: 'plain subject',
    html: '<img src="cid:pic@x"> text',
    attachments: [
      { filename: 'p.png', content: blob(999), cid: 'pic@x' },
      { filename: 'a b.zip', content: blob(5000) },
    ],
  },
  'text alone': { from: 'a@x.example', to: 'b@x.example', subject: 'x', text: 'only ascii' },
} as const;

for (const [name, mail] of Object.entries(MESSAGES)) {
  test(`mailparser and we agree: ${name}`, async () => {
    const bytes = await new MailComposer(structuredClone(mail) as object).compile().build();
    const parsed = await simpleParser(bytes);
    const index = indexMessage(bytes);
    assert.equal(index.subject, parsed.subject);
    assert.equal(index.messageId, parsed.messageId);
    assert.equal(index.inReplyTo, parsed.inReplyTo);
    assert.equal(index.dateMs, parsed.date?.getTime());
    assert.deepEqual(index.references, [parsed.references ?? []].flat());
    const leaves = leavesOf(index.parts);
    const ours = leaves
      .filter((part) => part.filename !== undefined)
      .map((part) => [part.filename, hash(contentOf(part, bytes))]);
    assert.deepEqual(
      ours,
      parsed.attachments.map((attachment) => [attachment.filename, hash(attachment.content)]),
    );
    const text = leaves.find((part) => part.subtype === 'plain' && part.filename === undefined);
    if (text !== undefined)
      assert.equal(
        decodeCharset(contentOf(text, bytes), text.charset).replaceAll('\r\n', '\n').trimEnd(),
        parsed.text?.trimEnd(),
      );
  });
}

test('names and attachments as a person sees them', async () => {
  const bytes = await new MailComposer(structuredClone(MESSAGES['text and attachments']) as object)
    .compile()
    .build();
  const index = indexMessage(bytes);
  assert.equal(index.from, 'Anna Müller, CEO <anna@xn--mller-kva.example>');
  assert.equal(index.to, 'bob@x.example, Jürgen <j@x.example>');
  assert.equal(index.preview, 'Grüße aus Köln -- Anna');
  assert.deepEqual(
    index.attachments.map((attachment) => attachment.path),
    ['2', '3', '4'],
  );
});

test('a picture shown by the HTML is no attachment', async () => {
  const mail = structuredClone(MESSAGES['html with an inline picture']) as object;
  const index = indexMessage(await new MailComposer(mail).compile().build());
  assert.deepEqual(
    index.attachments.map((attachment) => attachment.filename),
    ['a b.zip'],
  );
});

function leavesOf(part: IndexedPart): readonly IndexedPart[] {
  return part.children.length === 0 ? [part] : part.children.flatMap(leavesOf);
}

function contentOf(part: IndexedPart, bytes: Buffer): Uint8Array {
  return decodeTransfer(bytes.subarray(part.bodyStart, part.bodyEnd), part.encoding);
}
