/**
 * Message ids (UUIDv7, RFC 9562 5.7) as 16 octets, as text, and the time in them. Columns
 * and entries hold the octets, everybody else the text.
 */
import assert from 'node:assert/strict';
import type { MessageId } from '../ids.ts';

const hex = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));
const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether text is a UUID in lower case. */
export function isMessageId(text: string): text is MessageId {
  return shape.test(text);
}

/** Writes the 16 octets of an id. */
export function writeMessageId(octets: Uint8Array, offset: number, id: MessageId): void {
  assert.ok(isMessageId(id), 'a message id is a UUID in lower case');
  for (let at = 0, to = offset; at < 36; at += 2) {
    if (id.charCodeAt(at) === 45) at++;
    octets[to++] = (nibble(id.charCodeAt(at)) << 4) | nibble(id.charCodeAt(at + 1));
  }
}

function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

/** Reads 16 octets as text. */
export function readMessageId(octets: Uint8Array, offset: number): MessageId {
  let text = '';
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += '-';
    text += hex[octets[offset + at] ?? 0];
  }
  return text as MessageId;
}

export function packMessageIds(ids: readonly MessageId[]): Uint8Array {
  const octets = new Uint8Array(16 * ids.length);
  ids.forEach((id, index) => {
    writeMessageId(octets, 16 * index, id);
  });
  return octets;
}

export function unpackMessageIds(octets: Uint8Array): readonly MessageId[] {
  return Array.from({ length: octets.length / 16 }, (_, index) => readMessageId(octets, 16 * index));
}

/** Milliseconds since the epoch that a UUIDv7 carries in its first 48 bits. */
export function timeOfMessageId(id: MessageId): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The lowest id of a time: for ranges of ids in a store's key order. */
export function firstMessageIdAt(timeMs: number): MessageId {
  const text = timeMs.toString(16).padStart(12, '0');
  return `${text.slice(0, 8)}-${text.slice(8)}-7000-8000-000000000000` as MessageId;
}
