// IMAP wire forms of header octets: always pure ASCII, NIL or quoted, never a literal, so
// that the text can be stored and sent as it is. RFC 9051 4.3, 9 (quoted, nstring).
import { isAscii } from './charset.ts';
import { decodeEncodedWords, encodeWords } from './encoded-words.ts';

/** NIL for undefined, else quoted. 8-bit octets become encoded-words. */
export function nstring(octets: string | undefined): string {
  return octets === undefined ? 'NIL' : quoted(octets);
}

/** A quoted string of header octets; control chars become spaces, 8-bit octets encoded-words. */
export function quoted(octets: string): string {
  if (!/[^ !#-[\]-~]/.test(octets)) return `"${octets}"`;
  const ascii = isAscii(octets) ? octets : encodeWords(decodeEncodedWords(octets));
  return `"${ascii
    .replaceAll('\0', '')
    .replace(/[\x01-\x1f\x7f]/g, ' ')
    .replace(/["\\]/g, '\\$&')}"`;
}
