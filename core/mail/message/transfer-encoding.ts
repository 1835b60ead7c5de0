// Decoding of transfer encodings for bounded pieces: previews and encoded-words.
// Liberal: what is no code stays as it is. RFC 2045 6.7, 6.8; RFC 2047 4.
import { Buffer } from 'node:buffer';

/** Decodes by Content-Transfer-Encoding; an unknown one is taken as identity. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  const octets = () => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (encoding === 'base64') return Buffer.from(octets(), 'base64');
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(octets());
  return bytes;
}

/** RFC 2045 6.7: soft breaks and blanks at line ends go. */
export function decodeQuotedPrintable(octets: string): Uint8Array {
  if (!octets.includes('=')) return Buffer.from(octets, 'latin1');
  // Line by line: one regular expression for blanks before a break would be quadratic.
  const lines = octets.split('\n').map((line) => line.trimEnd());
  return decodeHexCodes(lines.join('\n').replace(/=\n|=$/g, ''));
}

/** RFC 2047 4.2: as quoted-printable, with `_` for a space. */
export function decodeQ(octets: string): Uint8Array {
  return decodeHexCodes(octets.replaceAll('_', ' '));
}

function decodeHexCodes(octets: string): Uint8Array {
  const decoded = octets.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
