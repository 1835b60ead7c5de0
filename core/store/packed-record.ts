/**
 * A message record as one binary value, format 2: what FETCH needs of a message in a third of its
 * octets, so that the item of a usual mail costs one write unit. Specified in docs/mime-index.md.
 */
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { bodyKey } from '../mail/body-key.ts';
import type { AccountId, MessageId, TenantId } from '../mail/ids.ts';
import type { BodyRef, MessageRecord } from '../mail/message-record.ts';
import { recordDictionary } from './record-dictionary.ts';

type Cuts = NonNullable<BodyRef['cuts']>;

/** The first line; `lengths` are those of the texts that follow it, in octets of UTF-8. */
type Head = readonly [
  sizeBytes: number,
  dateSeconds: number,
  lengths: readonly number[],
  cuts?: Cuts | 0,
  key?: string,
];

/** A window of 4 KB and little memory: texts are short, and what a stream takes to set up is most of its time. */
const deflating = { dictionary: recordDictionary, windowBits: 12, memLevel: 5, chunkSize: 2048 };
/** An index is at most some 400 KB (docs/mime-index.md); what claims to be more is damaged. */
const inflating = {
  dictionary: recordDictionary,
  windowBits: 12,
  chunkSize: 4096,
  maxOutputLength: 4_000_000,
};

/** Recipients of one message are given one record, one after the other: it is packed once. */
let last:
  | { readonly tenant: TenantId; readonly record: MessageRecord; readonly octets: Uint8Array }
  | undefined;

/** The record without what the item's key says: account and message id. */
export function packRecord(tenant: TenantId, record: MessageRecord): Uint8Array {
  if (last?.record !== record || last.tenant !== tenant)
    last = { tenant, record, octets: pack(tenant, record) };
  return last.octets;
}

function pack(tenant: TenantId, record: MessageRecord): Uint8Array {
  const { body, envelope, bodyStructure, parts, preview, holders } = record;
  const texts = [envelope, bodyStructure, parts, preview, holders.join(' '), body.prefix ?? ''];
  const head: Head = [
    body.sizeBytes,
    record.internalDateMs / 1000,
    texts.map((text) => Buffer.byteLength(text)),
    ...moreOf(body, body.key === bodyKey(tenant, record.messageId)),
  ];
  return deflateRawSync(`${JSON.stringify(head)}\n${texts.join('')}`, deflating);
}

function moreOf(
  { cuts, key }: BodyRef,
  isUsualKey: boolean,
): readonly [] | readonly [Cuts | 0] | readonly [Cuts | 0, string] {
  if (!isUsualKey) return [cuts ?? 0, key];
  return cuts === undefined ? [] : [cuts];
}

/** The record of `packRecord`. Throws if the octets are none. */
export function unpackRecord(tenant: TenantId, messageId: MessageId, octets: Uint8Array): MessageRecord {
  const inflated = inflateRawSync(octets, inflating);
  const headEnd = inflated.indexOf('\n');
  const head = JSON.parse(inflated.toString('utf8', 0, Math.max(0, headEnd))) as Head;
  const [sizeBytes, dateSeconds, lengths, cuts, key] = head;
  const texts = cutInto(inflated.subarray(headEnd + 1), lengths);
  const [envelope = '', bodyStructure = '', parts = '', preview = '', holders = '', prefix = ''] = texts;
  const body: BodyRef = {
    key: key ?? bodyKey(tenant, messageId),
    ...(prefix === '' ? {} : { prefix }),
    ...(cuts ? { cuts } : {}),
    sizeBytes,
  };
  return {
    messageId,
    body,
    internalDateMs: 1000 * dateSeconds,
    envelope,
    bodyStructure,
    parts,
    preview,
    holders: holders === '' ? [] : (holders.split(' ') as AccountId[]),
  };
}

/** Each by itself: as slices of one text, a preview beyond Latin-1 would double what all the others take. */
function cutInto(octets: Buffer, lengths: readonly number[]): readonly string[] {
  let end = 0;
  const texts = lengths.map((length) => {
    end += length;
    return octets.toString('utf8', end - length, end);
  });
  assert.equal(end, octets.length, 'the lengths are those of the texts');
  return texts;
}
