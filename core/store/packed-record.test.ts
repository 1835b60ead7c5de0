// Records packed and unpacked: all that they hold, how small they are, and what they are made with.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { messageOf } from '../../bench/cost/message.ts';
import { messageId } from '../mail/account/testkit.ts';
import { bodyKey } from '../mail/body-key.ts';
import type { AccountId, TenantId } from '../mail/ids.ts';
import { indexMessage } from '../mail/message/index-message.ts';
import { encodeParts } from '../mail/message/parts-codec.ts';
import type { MessageRecord } from '../mail/message-record.ts';
import { packRecord, unpackRecord } from './packed-record.ts';
import { recordDictionary } from './record-dictionary.ts';

const tenant = 'acme' as TenantId;
const id = messageId(7);
const usual: MessageRecord = {
  messageId: id,
  body: { key: bodyKey(tenant, id), sizeBytes: 1 },
  internalDateMs: 1_700_000_000_000,
  envelope: '(NIL "line\\nno" NIL)',
  bodyStructure: '("text" "plain" NIL NIL NIL "7bit" 10 1)',
  parts: '1;',
  preview: 'Grüße 🎉\n[',
  holders: ['anna' as AccountId],
};

test('whatever is in a record comes back', () => {
  const { body } = usual;
  const records: readonly MessageRecord[] = [
    usual,
    { ...usual, holders: [], preview: '', internalDateMs: 0 },
    { ...usual, body: { ...body, prefix: 'Received: \xff\r\n', cuts: [[3, 9]] } },
    { ...usual, body: { ...body, cuts: [] } },
    { ...usual, body: { ...body, key: 'acme/elsewhere' } },
    { ...usual, body: { ...body, key: 'acme/elsewhere', cuts: [[0, 1]] } },
    { ...usual, envelope: `(${'"x" '.repeat(50_000)})`, bodyStructure: 'y'.repeat(100_000) },
  ];
  for (const record of records)
    assert.deepEqual(unpackRecord(tenant, id, packRecord(tenant, record)), record);
});

test('what was packed last for one tenant is packed anew for another', () => {
  packRecord(tenant, usual);
  const other = packRecord('globex' as TenantId, usual);
  assert.equal(unpackRecord('globex' as TenantId, id, other).body.key, usual.body.key);
});

test('what is no packed record is a failure', () => {
  const octets = packRecord(tenant, usual);
  for (const damaged of [octets.subarray(1), octets.subarray(0, -3), new Uint8Array(0)])
    assert.throws(() => unpackRecord(tenant, id, damaged));
});

test('a mail with an attachment and twenty holders fits one write unit', () => {
  const index = indexMessage(messageOf(75_000));
  const holders = Array.from({ length: 20 }, (_, n) => holder(n));
  const { envelope, bodyStructure, preview } = index;
  const facts = { envelope, bodyStructure, preview, parts: encodeParts(index.parts) };
  const octets = packRecord(tenant, { ...usual, ...facts, holders });
  // The keys of the item take some 100, and more where tenants have long names.
  assert.ok(octets.length < 800, `${octets.length} octets`);
});

test('the dictionary never changes: records at rest are made with it', () => {
  assert.equal(
    createHash('sha256').update(recordDictionary).digest('base64'),
    'PqRQNlWbeKdRWbizAnf6YINsjUUKOPUXcvWCQqrf8ZI=',
  );
});

function holder(n: number): AccountId {
  return createHash('sha256').update(String(n)).digest('hex').slice(0, 20) as AccountId;
}
