// Header blocks: cutting them into fields, unfolding, and choosing fields for IMAP.
// Works on octets (strings here hold one octet per char) and decodes nothing.
// RFC 5322 2.2 (fields), 2.2.3 (folding); RFC 9051 6.4.5.1 (HEADER.FIELDS).
import { Buffer } from 'node:buffer';
import { MAX_HEADER_FIELDS } from './limits.ts';
import type { HeaderField } from './types.ts';

const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Cuts a header block into its fields, up to the empty line if there is one. Lines without
 * a colon are skipped. At most MAX_HEADER_FIELDS are given; the rest is left out.
 */
export function parseHeaderFields(headerBytes: Uint8Array): readonly HeaderField[] {
  return parseHeaderText(octetsOf(headerBytes));
}

/** `parseHeaderFields` for a header that is already a string of octets. */
export function parseHeaderText(text: string): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  let start = 0;
  while (start < text.length && fields.length < MAX_HEADER_FIELDS) {
    if (isEmptyLine(text, start)) break;
    const end = endOfField(text, start);
    const field = fieldAt(text, start, end);
    if (field !== undefined) fields.push(field);
    start = end;
  }
  return fields;
}

/** Joins folded lines (RFC 5322 2.2.3) and trims the ends. */
export function unfold(rawValue: string): string {
  return (rawValue.includes('\n') ? rawValue.replace(/\r?\n/g, '') : rawValue).trim();
}

/**
 * The fields with (or, if `not`, without) the given names, byte for byte, folded lines
 * included, then an empty line. Names compare without regard to case. RFC 9051 6.4.5.1.
 */
export function selectHeaderFields(
  headerBytes: Uint8Array,
  names: readonly string[],
  not: boolean,
): Uint8Array {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const pieces: Uint8Array[] = [];
  for (const field of parseHeaderFields(headerBytes)) {
    if (wanted.has(field.name.toLowerCase()) === not) continue;
    pieces.push(headerBytes.subarray(field.start, field.end));
    if (headerBytes[field.end - 1] !== LF) pieces.push(Buffer.from('\r\n'));
  }
  pieces.push(Buffer.from('\r\n'));
  return Buffer.concat(pieces);
}

/** One char per octet. */
export function octetsOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function isEmptyLine(text: string, start: number): boolean {
  const first = text.charCodeAt(start);
  return first === LF || (first === CR && text.charCodeAt(start + 1) === LF);
}

/** The end of the field at `start`: after its last line that the next line does not fold. */
function endOfField(text: string, start: number): number {
  let end = start;
  do {
    const lineEnd = text.indexOf('\n', end);
    if (lineEnd < 0) return text.length;
    end = lineEnd + 1;
  } while (text.charCodeAt(end) === SPACE || text.charCodeAt(end) === TAB);
  return end;
}

function fieldAt(text: string, start: number, end: number): HeaderField | undefined {
  const colon = text.indexOf(':', start);
  if (colon <= start || colon >= end) return undefined;
  const name = text.slice(start, colon).trimEnd();
  // A name holds no blanks; this also refuses a folded line without a field before it.
  if (name === '' || /\s/.test(name)) return undefined;
  let valueEnd = end;
  if (text.charCodeAt(valueEnd - 1) === LF) valueEnd -= 1;
  if (valueEnd < end && valueEnd > colon + 1 && text.charCodeAt(valueEnd - 1) === CR) valueEnd -= 1;
  return { name, rawValue: text.slice(colon + 1, valueEnd), start, end };
}
