// Encoded-words in header values, both ways. Knows no fields. RFC 2047.
import { Buffer } from 'node:buffer';
import { decodeCharset, decodeHeaderOctets, isAscii } from './charset.ts';
import { decodeQ } from './transfer-encoding.ts';

// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
const ENCODED_WORD = /=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=/g;
/** Octets per word, so that a base64 word stays below the 75 chars of RFC 2047 2. */
const WORD_BYTES = 45;

/**
 * Text of a header value (one octet per char, unfolded), NFC. Blanks between words go;
 * words of one charset are decoded together, for senders that cut inside a character.
 */
export function decodeEncodedWords(octets: string): string {
  if (!octets.includes('=?')) return isAscii(octets) ? octets : decodeHeaderOctets(octets).normalize('NFC');
  let text = '';
  let end = 0;
  let open: { charset: string; bytes: Uint8Array[] } | undefined;
  for (const match of octets.matchAll(ENCODED_WORD)) {
    const between = octets.slice(end, match.index);
    const charset = (match[1] ?? '').replace(/\*.*$/, '').toLowerCase();
    const bytes = decodeWord(match[2] ?? '', match[3] ?? '');
    end = match.index + match[0].length;
    if (open !== undefined && between.trim() === '' && open.charset === charset) {
      open.bytes.push(bytes);
      continue;
    }
    if (open !== undefined) text += decodeCharset(Buffer.concat(open.bytes), open.charset);
    if (open === undefined || between.trim() !== '') text += decodeHeaderOctets(between);
    open = { charset, bytes: [bytes] };
  }
  if (open !== undefined) text += decodeCharset(Buffer.concat(open.bytes), open.charset);
  return (text + decodeHeaderOctets(octets.slice(end))).normalize('NFC');
}

/** Text as UTF-8 encoded-words with a space between them: pure ASCII. */
export function encodeWords(text: string): string {
  const words: string[] = [];
  let piece = '';
  let pieceBytes = 0;
  for (const char of text) {
    const charBytes = Buffer.byteLength(char);
    if (pieceBytes + charBytes > WORD_BYTES) {
      words.push(encodeWord(piece));
      piece = '';
      pieceBytes = 0;
    }
    piece += char;
    pieceBytes += charBytes;
  }
  if (piece !== '') words.push(encodeWord(piece));
  return words.join(' ');
}

function encodeWord(piece: string): string {
  return `=?utf-8?B?${Buffer.from(piece, 'utf8').toString('base64')}?=`;
}

function decodeWord(encoding: string, octets: string): Uint8Array {
  return encoding === 'b' || encoding === 'B' ? Buffer.from(octets, 'base64') : decodeQ(octets);
}
