/** A message record as an item of table Messages, version 1; golden items are in the test. */
import assert from 'node:assert/strict';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type AccountId, type AccountKey, type MessageId, partitionKey } from '../mail/ids.ts';
import type { BodyRef, MessageRecord } from '../mail/message-record.ts';
import { fromAttributes, toAttributes } from './attributes.ts';

/** Attribute names are short: they are paid for with every item. `reaped` is set by the reaper. */
export function itemOfRecord(account: AccountKey, record: MessageRecord): Record<string, AttributeValue> {
  const { body } = record;
  return toAttributes({
    account: partitionKey(account),
    messageId: record.messageId,
    v: 1,
    key: body.key,
    size: body.sizeBytes,
    ...(body.prefix === undefined ? {} : { prefix: body.prefix }),
    ...(body.cuts === undefined ? {} : { cuts: body.cuts }),
    date: record.internalDateMs,
    env: record.envelope,
    bs: record.bodyStructure,
    parts: record.parts,
    pre: record.preview,
    held: record.holders,
  });
}

export function recordOfItem(item: Record<string, AttributeValue>): MessageRecord {
  const stored = fromAttributes(item);
  assert.equal(stored.v, 1, 'a message record of version 1');
  return {
    messageId: stored.messageId as MessageId,
    body: bodyOf(stored),
    internalDateMs: stored.date as number,
    envelope: stored.env as string,
    bodyStructure: stored.bs as string,
    parts: stored.parts as string,
    preview: stored.pre as string,
    holders: stored.held as readonly AccountId[],
  };
}

function bodyOf(stored: Record<string, unknown>): BodyRef {
  return {
    key: stored.key as string,
    sizeBytes: stored.size as number,
    ...(stored.prefix === undefined ? {} : { prefix: stored.prefix as string }),
    ...(stored.cuts === undefined ? {} : { cuts: stored.cuts as readonly (readonly [number, number])[] }),
  };
}
