/**
 * Key values as bytes whose memcmp order is DynamoDB's order: strings as UTF-8, binaries
 * as they are, numbers by value. This is what the SQLite rows are keyed and sorted by.
 */
import { parseDecimal } from './number.ts';

export type KeyType = 'S' | 'N' | 'B';

const NEGATIVE = 0;
const ZERO = 1;
const POSITIVE = 2;
/** Makes every exponent in range a positive byte. */
const EXPONENT_BIAS = 128 + 2;

/** Encodes the text of a key attribute (for B, its base64). */
export function encodeKey(type: KeyType, text: string): Uint8Array {
  if (type === 'S') return Buffer.from(text, 'utf8');
  if (type === 'B') return Buffer.from(text, 'base64');
  return encodeNumber(text);
}

/** The least byte string greater than all that start with `prefix`; undefined when there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const end = Buffer.from(prefix.subarray(0, length));
  end.writeUInt8(end.readUInt8(length - 1) + 1, length - 1);
  return end;
}

/**
 * Sign, exponent, then digits in pairs, one byte each and never 0, then 0. A negative
 * number is the complement of its magnitude, so that the larger magnitude sorts first.
 */
function encodeNumber(text: string): Uint8Array {
  const { negative, digits, exponent } = parseDecimal(text);
  if (digits === '') return Uint8Array.of(ZERO);
  const pairs = Math.ceil(digits.length / 2);
  const bytes = new Uint8Array(pairs + 3);
  bytes[1] = exponent + EXPONENT_BIAS;
  for (let pair = 0; pair < pairs; pair += 1) {
    bytes[2 + pair] = Number(digits.slice(pair * 2, pair * 2 + 2).padEnd(2, '0')) + 1;
  }
  if (!negative) {
    bytes[0] = POSITIVE;
    return bytes;
  }
  for (let at = 1; at < bytes.length; at += 1) bytes[at] = 255 - (bytes[at] ?? 0);
  bytes[0] = NEGATIVE;
  return bytes;
}
