// The stored part tree: golden bytes of version 1, sizes, and refusal of what is unknown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexMessage } from './index-message.ts';
import { decodeParts, encodeParts } from './parts-codec.ts';
import type { PartNode } from './types.ts';

/** Written by version 1; must stay readable for ever. */
const GOLDEN_V1 = {
  single: '1p,q,u,,,,dw,9c,4;',
  mixed:
    '1m,7,,,,,5k,a3(a,7,,,,8,1c,49(p,q,u,,,6,28,b,1;h,8,=koi8-r,i,,8,1k,1h,2;)f,b,,a,=r%3b%28ü%29.pdf,6,2s,2o;' +
    'e,7,,,,6,11,46,a(=x-a/b%2c,7,,=form,,,11,35;)=image/webp,b;)',
} as const;

const simple = (part: Partial<PartNode> & Pick<PartNode, 'path' | 'type' | 'subtype'>): PartNode => ({
  encoding: '7bit',
  charset: undefined,
  disposition: undefined,
  filename: undefined,
  headerStart: 0,
  bodyStart: 0,
  bodyEnd: 0,
  sizeBytes: (part.bodyEnd ?? 0) - (part.bodyStart ?? 0),
  lines: 0,
  children: [],
  ...part,
});

test('golden bytes of version 1 decode', () => {
  assert.deepEqual(
    decodeParts(GOLDEN_V1.single),
    simple({
      path: '1',
      type: 'text',
      subtype: 'plain',
      encoding: 'quoted-printable',
      charset: 'utf-8',
      bodyStart: 500,
      bodyEnd: 836,
      lines: 4,
    }),
  );
  const mixed = decodeParts(GOLDEN_V1.mixed);
  assert.deepEqual(
    mixed.children.map((child) => [child.path, child.type, child.headerStart, child.bodyEnd]),
    [
      ['1', 'multipart', 208, 409],
      ['2', 'application', 415, 611],
      ['3', 'message', 617, 804],
      ['4', 'image', 804, 804],
    ],
  );
  assert.equal(mixed.children[1]?.filename, 'r;(ü).pdf');
  assert.equal(mixed.children[2]?.children[0]?.subtype, 'b,');
  assert.equal(mixed.children[2]?.children[0]?.path, '3.1');
  assert.equal(mixed.children[0]?.children[1]?.charset, 'koi8-r');
});

test('the letters of version 1 mean what they meant', () => {
  const types = 'phcvmarstgedofzkjni'.split('').map((code) => decodeParts(`1${code};`));
  assert.equal(
    types.map((part) => `${part.type}/${part.subtype}`).join(' '),
    'text/plain text/html text/calendar text/csv multipart/mixed multipart/alternative multipart/related ' +
      'multipart/signed multipart/report multipart/digest message/rfc822 message/delivery-status ' +
      'application/octet-stream application/pdf application/zip application/pgp-signature ' +
      'image/jpeg image/png image/gif',
  );
  const field = (codes: string, pick: (part: PartNode) => string | undefined, before: string) =>
    codes
      .split('')
      .map((code) => pick(decodeParts(`1p${before}${code};`)))
      .join(' ');
  assert.equal(
    field('78qbn', (part) => part.encoding, ','),
    '7bit 8bit quoted-printable base64 binary',
  );
  assert.equal(
    field('ualwf', (part) => part.charset, ',,'),
    'utf-8 us-ascii iso-8859-1 windows-1252 iso-8859-15',
  );
  assert.equal(
    field('ai', (part) => part.disposition, ',,,'),
    'attachment inline',
  );
});

test('golden bytes of version 1 are what is written', () => {
  for (const text of Object.values(GOLDEN_V1)) assert.equal(encodeParts(decodeParts(text)), text);
});

test('what the indexer finds comes back, path for path', () => {
  const message = [
    'Content-Type: multipart/mixed; boundary="----=_NextPart_000_0001_01DC5C6A.8F0E9B40"',
    '',
    '------=_NextPart_000_0001_01DC5C6A.8F0E9B40',
    'Content-Type: multipart/alternative; boundary="----=_NextPart_001_0002_01DC5C6A.8F0E9B40"',
    '',
    '------=_NextPart_001_0002_01DC5C6A.8F0E9B40',
    'Content-Type: text/plain; charset="utf-8"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'text',
    '------=_NextPart_001_0002_01DC5C6A.8F0E9B40',
    'Content-Type: text/html; charset="utf-8"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<p>text</p>',
    '------=_NextPart_001_0002_01DC5C6A.8F0E9B40--',
    '------=_NextPart_000_0001_01DC5C6A.8F0E9B40',
    'Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; name="Budget 2027.xlsx"',
    'Content-Disposition: attachment; filename="Budget 2027.xlsx"',
    'Content-Transfer-Encoding: base64',
    '',
    'QUJD'.repeat(1000),
    '------=_NextPart_000_0001_01DC5C6A.8F0E9B40--',
  ].join('\r\n');
  const { parts } = indexMessage(Buffer.from(message));
  const text = encodeParts(parts);
  assert.ok(Buffer.byteLength(text) < 250, `${Buffer.byteLength(text)} octets: ${text}`);
  assert.deepEqual(decodeParts(text), bare(parts));
});

test('one part is stored in less than 60 octets', () => {
  const message = `Content-Type: text/plain; charset=utf-8\r\n\r\n${'line\r\n'.repeat(100_000)}`;
  assert.ok(encodeParts(indexMessage(Buffer.from(message)).parts).length < 60);
});

test('unknown versions and damaged text are refused', () => {
  for (const text of ['', '2p;', '1', '1p', '1p;p;', '1m(p;', '1p,,,,,!;', `1${'m('.repeat(500)}`])
    assert.throws(() => decodeParts(text), /part tree/, text);
});

/** Only what PartNode promises. */
function bare(part: PartNode): PartNode {
  const { path, type, subtype, encoding, charset, disposition, filename } = part;
  const { headerStart, bodyStart, bodyEnd, sizeBytes, lines } = part;
  const places = { headerStart, bodyStart, bodyEnd, sizeBytes, lines };
  return {
    path,
    type,
    subtype,
    encoding,
    charset,
    disposition,
    filename,
    ...places,
    children: part.children.map(bare),
  };
}
