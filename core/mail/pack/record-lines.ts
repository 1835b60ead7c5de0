/**
 * The three lines that a message record is in a pack (docs/log.md, "Packs"): ENVELOPE and BODYSTRUCTURE as they
 * go over the wire, and all else as JSON. Knows neither blocks nor compression.
 */
import assert from 'node:assert/strict';
import type { AccountId, MessageId } from '../ids.ts';
import type { BodyRef, MessageRecord } from '../message-record.ts';

/** Names are short as in table Messages; absent are those that say nothing. */
interface Rest {
  readonly d: number;
  readonly s: number;
  /** The body's key, or all of it before the message id. */
  readonly k: string;
  readonly x?: string;
  readonly c?: BodyRef['cuts'];
  readonly p: string;
  readonly v: string;
  readonly h: readonly AccountId[];
}

export type RestOfRecord = Omit<MessageRecord, 'messageId' | 'envelope' | 'bodyStructure'>;

const isLine = /^[\x20-\x7e]*$/;

/** Whether the wire texts are lines of ASCII; ours always are (message/wire-text.ts). */
export function areLines({ envelope, bodyStructure }: MessageRecord): boolean {
  return isLine.test(envelope) && isLine.test(bodyStructure);
}

export function encodeRest({
  messageId,
  body,
  internalDateMs,
  parts,
  preview,
  holders,
}: MessageRecord): string {
  const { key, sizeBytes, prefix, cuts } = body;
  assert.ok(!key.endsWith('/'));
  const rest: Rest = {
    d: internalDateMs,
    s: sizeBytes,
    k: key.endsWith(`/${messageId}`) ? key.slice(0, -messageId.length) : key,
    ...(prefix === undefined ? {} : { x: prefix }),
    ...(cuts === undefined ? {} : { c: cuts }),
    p: parts,
    v: preview,
    h: holders,
  };
  return JSON.stringify(rest);
}

export function decodeRest(line: string, messageId: MessageId): RestOfRecord {
  const { d, s, k, x, c, p, v, h } = JSON.parse(line) as Rest;
  const body = {
    key: k.endsWith('/') ? k + messageId : k,
    sizeBytes: s,
    ...(x === undefined ? {} : { prefix: x }),
    ...(c === undefined ? {} : { cuts: c }),
  };
  return { body, internalDateMs: d, parts: p, preview: v, holders: h };
}
