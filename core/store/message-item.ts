/**
 * A message record as an item of table Messages, version 2: keys, and the record packed. Items of
 * version 1 (an attribute for each field) are read; golden items are in the test.
 */
import assert from 'node:assert/strict';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type AccountId, type AccountKey, type MessageId, partitionKey, type TenantId } from '../mail/ids.ts';
import type { BodyRef, MessageRecord } from '../mail/message-record.ts';
import { fromAttributes, toAttributes } from './attributes.ts';
import { packRecord, unpackRecord } from './packed-record.ts';

/** Attribute names are short: they are paid for with every item. `reaped` is set by the reaper. */
export function itemOfRecord(account: AccountKey, record: MessageRecord): Record<string, AttributeValue> {
  return toAttributes({
    account: partitionKey(account),
    messageId: record.messageId,
    v: 2,
    r: packRecord(account.tenant, record),
  });
}

export function recordOfItem(item: Record<string, AttributeValue>): MessageRecord {
  if (item.v?.N === '1') return recordOfVersion1(item);
  assert.equal(item.v?.N, '2', 'a message record of version 1 or 2');
  const { account, messageId, r } = item;
  assert.ok(account?.S && messageId?.S && r?.B, 'a record has keys and content');
  return unpackRecord(tenantOf(account.S), messageId.S as MessageId, r.B);
}

function tenantOf(partition: string): TenantId {
  return partition.slice(0, partition.indexOf('#')) as TenantId;
}

function recordOfVersion1(item: Record<string, AttributeValue>): MessageRecord {
  const stored = fromAttributes(item);
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
