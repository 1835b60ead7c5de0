// Previews of plain text and HTML, in all encodings, cut where they must be.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { indexMessage } from './index-message.ts';
import { MAX_PREVIEW_SOURCE_BYTES } from './limits.ts';
import { previewOf, textOfHtml } from './preview.ts';

const plain = (text: string | Buffer, encoding = '8bit', charset = 'utf-8') =>
  previewOf(Buffer.from(text), { subtype: 'plain', encoding, charset });

test('white space folds, padding goes, joiners in words stay', () => {
  assert.equal(plain('  a\r\n\r\n\tb\u00a0\u00a0c  \u200c \u200b d\u3000e  '), 'a b c d e');
  assert.equal(plain('\ufeff👩\u200d👩\u200d👧 ok می\u200cخواهم'), '👩\u200d👩\u200d👧 ok می\u200cخواهم');
  assert.equal(plain(' \r\n \u200b '), '');
});

test('at most 200 code points, never half of one', () => {
  assert.equal(plain('x'.repeat(500)), 'x'.repeat(200));
  assert.equal(plain('ab '.repeat(100)), 'ab '.repeat(67).slice(0, 200).trimEnd());
  assert.equal(plain('😀'.repeat(300)), '😀'.repeat(200));
  assert.equal([...plain('a\u200b'.repeat(900))].length, 200);
});

test('a code that the first look cuts in two does not show', () => {
  const text = `${'b'.repeat(85)}${'=C3=A4'.repeat(200)}`;
  assert.equal(plain(text, 'quoted-printable'), `${'b'.repeat(85)}${'ä'.repeat(115)}`);
});

test('transfer encodings and charsets', () => {
  assert.equal(plain('Gr=FC=DFe =\r\naus  \r\nK=F6ln=', 'quoted-printable', 'iso-8859-1'), 'Grüße aus Köln');
  assert.equal(plain('R3LDvMOfZQ0K\r\nS8O2bG4=', 'base64'), 'Grüße Köln');
  assert.equal(plain(Buffer.from('Grüße', 'utf16le'), 'binary', 'utf-16le'), 'Grüße');
  assert.equal(plain(Buffer.from([0xc4, 0xfc]), '8bit', 'no-such-charset'), 'Äü');
});

test('HTML: what is shown, in one pass', () => {
  assert.equal(
    textOfHtml(
      'a<br>b<style>no</style>c<!-- no > -->d&amp;&#x41;&#66;&unknown;<a href="x">e</a> 1 < 2',
    ).replace(/ +/g, ' '),
    'a b c d&AB&unknown; e 1 < 2',
  );
  assert.equal(textOfHtml('x<script>never closed'), 'x ');
  assert.equal(textOfHtml('x<never closed'), 'x ');
});

test('the first part that has text gives the preview', () => {
  const message = [
    'Content-Type: multipart/alternative; boundary=a',
    '',
    '--a',
    '',
    '   ',
    '--a',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<title>no</title><p>shown</p>',
    '--a',
    '',
    'too late',
    '--a--',
  ].join('\r\n');
  assert.equal(indexMessage(Buffer.from(message)).preview, 'shown');
});

test('no preview of attached text, nor of an embedded message', () => {
  const part = 'Content-Disposition: attachment\r\n\r\nsecret\r\n--a\r\n';
  const embedded = 'Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--a--\r\n';
  const message = `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n${part}${embedded}`;
  assert.equal(indexMessage(Buffer.from(message)).preview, '');
});

test('only the first octets of the part are looked at', () => {
  const message = `\r\n${' '.repeat(MAX_PREVIEW_SOURCE_BYTES)}late`;
  assert.equal(indexMessage(Buffer.from(message)).preview, '');
  assert.equal(
    indexMessage(Buffer.from(`\r\n${' '.repeat(MAX_PREVIEW_SOURCE_BYTES - 4)}late`)).preview,
    'late',
  );
});
