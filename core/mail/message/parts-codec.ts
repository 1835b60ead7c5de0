// The part tree as a short text for storage beside the wire texts of a message, version 1.
// Keeps what PartNode has; paths follow from the tree. Format: docs/mime-index.md.
import type { PartNode } from './types.ts';

const VERSION = '1';
/** A node never has more fields than these nine. */
const FIELDS = 9;
/** Well above what the indexer makes; a stored text that nests deeper is damaged. */
const MAX_DECODED_DEPTH = 200;

const TYPES = codes({
  p: 'text/plain',
  h: 'text/html',
  c: 'text/calendar',
  v: 'text/csv',
  m: 'multipart/mixed',
  a: 'multipart/alternative',
  r: 'multipart/related',
  s: 'multipart/signed',
  t: 'multipart/report',
  g: 'multipart/digest',
  e: 'message/rfc822',
  d: 'message/delivery-status',
  o: 'application/octet-stream',
  f: 'application/pdf',
  z: 'application/zip',
  k: 'application/pgp-signature',
  j: 'image/jpeg',
  n: 'image/png',
  i: 'image/gif',
});
const ENCODINGS = codes({ 7: '7bit', 8: '8bit', q: 'quoted-printable', b: 'base64', n: 'binary' });
const CHARSETS = codes({ u: 'utf-8', a: 'us-ascii', l: 'iso-8859-1', w: 'windows-1252', f: 'iso-8859-15' });
const DISPOSITIONS = codes({ a: 'attachment', i: 'inline' });

interface Codes {
  readonly byCode: ReadonlyMap<string, string>;
  readonly byName: ReadonlyMap<string, string>;
}

/** The tree as text: about 20 chars for one part. */
export function encodeParts(root: PartNode): string {
  return VERSION + encodeNode(root, root.headerStart);
}

/** The tree of `encodeParts`. Throws if the text is no stored tree of a known version. */
export function decodeParts(text: string): PartNode {
  if (text[0] !== VERSION) throw new Error(`part tree of unknown version ${text.slice(0, 1)}`);
  const reader = { text, position: 1 };
  const root = readNode(reader, 0, 0);
  if (reader.position !== text.length) throw damaged(reader);
  return withPaths(root, '');
}

function encodeNode(part: PartNode, from: number): string {
  const fields = [
    encodeCode(`${part.type}/${part.subtype}`, TYPES),
    encodeCode(part.encoding, ENCODINGS),
    encodeCode(part.charset, CHARSETS),
    encodeCode(part.disposition, DISPOSITIONS),
    part.filename === undefined ? '' : `=${escapeText(part.filename)}`,
    encodeNumber(part.headerStart - from),
    encodeNumber(part.bodyStart - part.headerStart),
    encodeNumber(part.sizeBytes),
    encodeNumber(part.lines),
  ];
  while (fields.at(-1) === '') fields.pop();
  const own = fields.join(',');
  if (part.children.length === 0) return `${own};`;
  let previousEnd = part.bodyStart;
  let children = '';
  for (const child of part.children) {
    children += encodeNode(child, previousEnd);
    previousEnd = child.bodyEnd;
  }
  return `${own}(${children})`;
}

interface Reader {
  readonly text: string;
  position: number;
}

function readNode(reader: Reader, from: number, depth: number): PartNode {
  const fields = readFields(reader);
  if (depth > MAX_DECODED_DEPTH || fields.length > FIELDS) throw damaged(reader);
  const [media, encoding, charset, disposition, filename, gap, headerBytes, bodyBytes, lines] = fields;
  const name = decodeCode(media, TYPES) ?? '/';
  const slash = name.indexOf('/');
  const headerStart = from + decodeNumber(gap, reader);
  const bodyStart = headerStart + decodeNumber(headerBytes, reader);
  const sizeBytes = decodeNumber(bodyBytes, reader);
  return {
    path: '',
    type: name.slice(0, slash),
    subtype: name.slice(slash + 1),
    encoding: decodeCode(encoding, ENCODINGS) ?? '7bit',
    charset: decodeCode(charset, CHARSETS),
    disposition: decodeCode(disposition, DISPOSITIONS),
    filename: filename ? unescapeText(filename.slice(1)) : undefined,
    headerStart,
    bodyStart,
    bodyEnd: bodyStart + sizeBytes,
    sizeBytes,
    lines: decodeNumber(lines, reader),
    children: readChildren(reader, bodyStart, depth),
  };
}

function readFields(reader: Reader): readonly string[] {
  const end = /[;(]/g;
  end.lastIndex = reader.position;
  const found = end.exec(reader.text);
  if (found === null) throw damaged(reader);
  const fields = reader.text.slice(reader.position, found.index).split(',');
  reader.position = found.index;
  return fields;
}

function readChildren(reader: Reader, start: number, depth: number): readonly PartNode[] {
  const children: PartNode[] = [];
  if (reader.text[reader.position++] === ';') return children;
  let previousEnd = start;
  while (reader.text[reader.position] !== ')') {
    const child = readNode(reader, previousEnd, depth + 1);
    children.push(child);
    previousEnd = child.bodyEnd;
  }
  reader.position++;
  return children;
}

/** Gives the parts of a message their section numbers. RFC 9051 6.4.5.1. */
function withPaths(top: PartNode, start: string): PartNode {
  if (top.type !== 'multipart') return numbered(top, `${start}1`);
  return { ...top, path: `${start}TEXT`, children: numberChildren(top, start) };
}

function numbered(part: PartNode, path: string): PartNode {
  if (part.type === 'multipart') return { ...part, path, children: numberChildren(part, `${path}.`) };
  return { ...part, path, children: part.children.map((child) => withPaths(child, `${path}.`)) };
}

function numberChildren(part: PartNode, start: string): readonly PartNode[] {
  return part.children.map((child, index) => numbered(child, `${start}${index + 1}`));
}

function codes(table: Readonly<Record<string, string>>): Codes {
  const entries = Object.entries(table);
  return { byCode: new Map(entries), byName: new Map(entries.map(([code, name]) => [name, code])) };
}

function encodeCode(name: string | undefined, table: Codes): string {
  if (name === undefined) return '';
  return table.byName.get(name) ?? `=${escapeText(name)}`;
}

function decodeCode(field: string | undefined, table: Codes): string | undefined {
  if (field === undefined || field === '') return undefined;
  return field[0] === '=' ? unescapeText(field.slice(1)) : table.byCode.get(field);
}

function encodeNumber(value: number): string {
  return value === 0 ? '' : value.toString(36);
}

function decodeNumber(field: string | undefined, reader: Reader): number {
  if (field === undefined || field === '') return 0;
  if (!/^[0-9a-z]{1,10}$/.test(field)) throw damaged(reader);
  return Number.parseInt(field, 36);
}

function escapeText(text: string): string {
  return text.replace(/[%,;()=\x00-\x1f]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

function unescapeText(text: string): string {
  return text.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function damaged(reader: Reader): Error {
  return new Error(`damaged part tree near ${reader.position}`);
}
