// Octets to text by charset label, never failing. Knows nothing of headers or parts.
// Labels are those of the WHATWG Encoding standard, which mail software follows too.
import { Buffer, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

const DEFAULT_LABELS = new Set(['', 'us-ascii', 'ascii', 'unknown-8bit', 'unknown', 'default', 'x-unknown']);
const MAX_CACHED_DECODERS = 64;
const decoders = new Map<string, TextDecoder | undefined>();

/**
 * Decodes by label. What claims ASCII, or an unknown charset, is read as UTF-8 if it is
 * valid, else as windows-1252. Octets that mean nothing become U+FFFD.
 */
export function decodeCharset(bytes: Uint8Array, label: string | undefined): string {
  const name = (label ?? '').trim().toLowerCase();
  if (name === 'utf-8' || name === 'utf8') return asBuffer(bytes).toString('utf8');
  const decoder = DEFAULT_LABELS.has(name) ? undefined : decoderFor(name);
  return decoder === undefined ? guess(bytes) : decoder.decode(bytes);
}

/** Header octets (one char each) as text: UTF-8 if valid, else windows-1252. */
export function decodeHeaderOctets(octets: string): string {
  return isAscii(octets) ? octets : guess(Buffer.from(octets, 'latin1'));
}

/** Whether each char is below 128. */
export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}

function guess(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return asBuffer(bytes).toString('utf8');
  return (decoderFor('windows-1252') ?? new TextDecoder()).decode(bytes);
}

function decoderFor(name: string): TextDecoder | undefined {
  if (decoders.has(name)) return decoders.get(name);
  const decoder = createDecoder(name);
  if (decoders.size < MAX_CACHED_DECODERS) decoders.set(name, decoder);
  return decoder;
}

function createDecoder(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name);
  } catch {
    return undefined; // The label is the sender's; an unknown one is no error of ours.
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
