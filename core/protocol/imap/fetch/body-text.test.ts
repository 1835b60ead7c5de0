import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexMessage } from '../../../mail/message/index-message.ts';
import { bodyText } from './body-text.ts';

const nested = [
  'Content-Type: multipart/mixed; boundary=a',
  '',
  '--a',
  'Content-Type: text/html; charset="x\\"(y"; name="a) b"',
  'Content-Disposition: attachment; filename="q(.txt"',
  'Content-Language: de, en',
  '',
  '<p>',
  '--a',
  'Content-Type: message/rfc822',
  '',
  'Subject: "in (ner"',
  'From: a@b',
  'Content-Type: multipart/alternative; boundary=c',
  '',
  '--c',
  '',
  'one',
  '--c',
  'Content-Type: image/png',
  'Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==',
  '',
  'two',
  '--c--',
  '--a',
  'Content-Type: application/pdf',
  'Content-Transfer-Encoding: base64',
  '',
  'AAAA',
  '--a--',
  '',
].join('\r\n');

test('BODY out of BODYSTRUCTURE is what the indexer writes for BODY', () => {
  for (const message of [nested, 'Subject: x\r\n\r\nbody\r\n', '', 'Content-Type: image/gif\r\n\r\nGIF']) {
    const index = indexMessage(Buffer.from(message));
    assert.equal(bodyText(index.bodyStructure), index.body);
  }
});

test('a broken structure is a bug', () => {
  for (const text of ['', '(', '("text"', '("text" "plain"))'])
    assert.throws(() => bodyText(text), assert.AssertionError);
});
