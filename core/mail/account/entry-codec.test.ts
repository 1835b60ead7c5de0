// The stored form of every kind of entry: golden items, both ways, sizes, and what is unreadable.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryId, MailboxId, ModSeq, UidValidity } from '../ids.ts';
import { formatUidSet, uidSetOf } from '../uid-set.ts';
import type { Entry, EntryBody } from './entry.ts';
import { decodeEntry, type EntryItem, encodeEntry, UnreadableEntry } from './entry-codec.ts';
import { maxDepartures, maxEntryOctets, maxEntryRanges } from './limits.ts';
import { packUidSet, unpackUidSet } from './packed-set.ts';
import { fact, messageId, startMs } from './testkit.ts';

const head = {
  version: 1 as const,
  modSeq: 7 as ModSeq,
  entryId: 'AAECAwQFBgcICQoLDA0ODw' as EntryId,
  atMs: startMs,
  totals: { bytes: 1234, messages: 5 },
};
const stored = { modSeq: 7, v: 1, id: 'AAECAwQFBgcICQoLDA0ODw', at: startMs, b: 1234, m: 5 };
const inbox = 'inbox' as MailboxId;
const work = { mailbox: 'm1' as MailboxId, name: 'Work', uidValidity: 1_700_000_006 as UidValidity };
const gone = {
  uids: '1:2,9',
  messageIds: [messageId(1), messageId(2), messageId(3)],
  sizesBytes: [1, 35, 36],
};
const goneIds = 'AYvP5WvocACAAAAAAAAAAQGLz-Vv0HAAgAAAAAAAAAIBi8_lc7hwAIAAAAAAAAAD';

// Golden since version 1: these items are in tables; change the code, never them.
const golden: readonly (readonly [EntryBody, EntryItem])[] = [
  [
    { kind: 'opened', mailboxes: [{ ...work, specialUse: '\\Sent' }] },
    { k: 'opened', mbs: [{ i: 'm1', n: 'Work', v: 1_700_000_006, s: '\\Sent' }] },
  ],
  [
    { kind: 'appended', mailbox: inbox, messages: [fact(1)] },
    { k: 'appended', mb: 'inbox', ids: 'AYvP5WvocACAAAAAAAAAAQ', sz: '2t', dt: 's44we9' },
  ],
  [
    { kind: 'appended', mailbox: inbox, messages: [fact(1, ['\\Seen', 'a']), fact(2)] },
    {
      k: 'appended',
      mb: 'inbox',
      ids: 'AYvP5WvocACAAAAAAAAAAQGLz-Vv0HAAgAAAAAAAAAI',
      sz: '2t,2u',
      dt: 's44we9,s44wea',
      fl: ['\\Seen a', ''],
    },
  ],
  [
    {
      kind: 'flagged',
      mailbox: inbox,
      changes: [{ uids: '1:5,9', add: ['\\Seen', 'x'], remove: ['\\Draft'] }],
    },
    { k: 'flagged', mb: 'inbox', ch: [{ u: '1+4,4', a: '\\Seen x', r: '\\Draft' }] },
  ],
  [
    { kind: 'expunged', mailbox: inbox, gone },
    { k: 'expunged', mb: 'inbox', u: '1+1,7', ids: goneIds, sz: '1,z,10' },
  ],
  [
    { kind: 'copied', from: inbox, to: work.mailbox, uids: '3', moved: true },
    { k: 'copied', mb: 'inbox', to: 'm1', u: '3', mv: true },
  ],
  [
    { kind: 'mailboxCreated', mailbox: work },
    { k: 'mailboxCreated', new: { i: 'm1', n: 'Work', v: 1_700_000_006 } },
  ],
  [
    { kind: 'mailboxesRenamed', renamed: [{ mailbox: work.mailbox, name: 'Büro' }] },
    { k: 'mailboxesRenamed', rn: [['m1', 'Büro']] },
  ],
  [
    { kind: 'mailboxDeleted', mailbox: work.mailbox, gone: { uids: '', messageIds: [], sizesBytes: [] } },
    { k: 'mailboxDeleted', mb: 'm1', u: '', ids: '', sz: '' },
  ],
  [
    { kind: 'subscribed', name: 'Work', subscribed: false },
    { k: 'subscribed', n: 'Work', on: false },
  ],
  [
    { kind: 'reaped', messageIds: gone.messageIds },
    { k: 'reaped', ids: goneIds },
  ],
];

test('golden items of version 1, both ways', () => {
  for (const [body, item] of golden) {
    assert.deepEqual(encodeEntry({ ...head, ...body }), { ...stored, ...item });
    assert.deepEqual(decodeEntry({ ...stored, ...item }), { ...head, ...body });
  }
});

test('an ordinary delivery is far below one write unit', () => {
  const entry: Entry = {
    ...head,
    kind: 'appended',
    mailbox: inbox,
    messages: [fact(1, ['\\Flagged', '$Important'])],
  };
  assert.ok(JSON.stringify(encodeEntry(entry)).length < 350);
});

test('packed sets, both ways', () => {
  for (const set of ['', '1', '1:5,9', '4294967295', '1,3,5,7', '100:200,300:4294967295'])
    assert.equal(unpackUidSet(packUidSet(set)), set);
});

test('the largest entries that are decided fit an item', () => {
  const count = maxDepartures;
  const uids = formatUidSet(uidSetOf(Array.from({ length: count }, (_, i) => 4_000_000_000 + 2 * i)));
  const messageIds = Array.from({ length: count }, (_, i) => messageId(i));
  const large = { uids, messageIds, sizesBytes: Array(count).fill(50_000_000) };
  encodeEntry({ ...head, kind: 'expunged', mailbox: inbox, gone: large });
  const lone = uidSetOf(Array.from({ length: maxEntryRanges }, (_, i) => 140_000 * (i + 1)));
  const item = encodeEntry({
    ...head,
    kind: 'copied',
    from: inbox,
    to: inbox,
    uids: formatUidSet(lone),
    moved: false,
  });
  assert.ok(JSON.stringify(item).length < maxEntryOctets / 2);
  const larger = { ...large, messageIds: [...messageIds, ...messageIds] };
  assert.throws(() => encodeEntry({ ...head, kind: 'expunged', mailbox: inbox, gone: larger }), /too large/);
});

test('a newer version, an unknown kind and missing fields are unreadable', () => {
  const item = { ...stored, k: 'reaped', ids: '' };
  for (const bad of [
    { ...item, v: 2 },
    { ...item, k: 'new' },
    { ...item, ids: 5 },
    { ...item, b: 'x' },
  ])
    assert.throws(() => decodeEntry(bad), UnreadableEntry);
});

test('dates that are not whole seconds and ids that are no UUIDs are bugs', () => {
  const append = (message: object) =>
    encodeEntry({ ...head, kind: 'appended', mailbox: inbox, messages: [{ ...fact(1), ...message }] });
  assert.throws(() => append({ internalDateMs: 1 }), { code: 'ERR_ASSERTION' });
  assert.throws(() => append({ messageId: 'x' }), { code: 'ERR_ASSERTION' });
});
