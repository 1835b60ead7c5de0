// The fold: what each kind of entry does, the odd cases, corruption, and that older states stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryId, MailboxId, ModSeq, UidValidity } from '../ids.ts';
import { apply, emptyState, fold, inboxId } from './apply.ts';
import { decideCopy, decideMove } from './decide-copy.ts';
import { decideCreate } from './decide-create.ts';
import { decideDelete } from './decide-delete.ts';
import { decideExpunge } from './decide-expunge.ts';
import { decideStore } from './decide-store.ts';
import type { Entry } from './entry.ts';
import { nextEntry } from './next-entry.ts';
import { archiveId, sentId } from './opening.ts';
import type { AccountState } from './state.ts';
import { fact, messageId, plainState, rowsOfMailbox, startMs, TestAccount } from './testkit.ts';

const seen = ['\\Seen'];

function inbox(state: AccountState) {
  const mailbox = state.mailboxes.get(inboxId);
  assert.ok(mailbox !== undefined);
  return mailbox;
}

test('an account opens with its default mailboxes, subscribed', () => {
  const { state } = new TestAccount();
  assert.deepEqual(
    [...state.mailboxes.values()].map(({ name, specialUse }) => specialUse ?? name),
    ['INBOX', '\\Sent', '\\Drafts', '\\Junk', '\\Trash', '\\Archive'],
  );
  assert.equal(state.subscriptions.size, 6);
  const validities = [...state.mailboxes.values()].map(({ uidValidity }) => uidValidity);
  assert.equal(new Set(validities).size, 6);
});

test('UIDs are given out in order, totals and counters follow', () => {
  const account = new TestAccount();
  account.append([fact(1), fact(2, seen)]);
  account.append([fact(3)]);
  assert.deepEqual(rowsOfMailbox(account.state), [
    `1 2 () 101 1700000001 ${messageId(1)}`,
    `2 2 (\\Seen) 102 1700000002 ${messageId(2)}`,
    `3 3 () 103 1700000003 ${messageId(3)}`,
  ]);
  const { uidNext, unseen, bytes, highestModSeq } = inbox(account.state);
  assert.deepEqual(
    { uidNext, unseen, bytes, highestModSeq },
    { uidNext: 4, unseen: 2, bytes: 306, highestModSeq: 3 },
  );
  assert.deepEqual(account.state.totals, { bytes: 306, messages: 3 });
  assert.equal(account.state.mailboxes.get(sentId)?.highestModSeq, 1);
});

test('flags, expunge, copy and move', () => {
  const account = new TestAccount();
  account.append([fact(1), fact(2), fact(3, ['\\Deleted']), fact(4)]);
  const store = { mailbox: inboxId, uids: [[2, 3]], mode: 'add', flags: ['\\Seen'] } as const;
  account.commit(decideStore(account.state, store).decision);
  account.commit(decideExpunge(account.state, inboxId));
  account.commit(decideCopy(account.state, inboxId, [[1, 2]], sentId, 0));
  account.commit(decideMove(account.state, inboxId, [[2, 4]], archiveId));
  const rows = (id: MailboxId) =>
    rowsOfMailbox(account.state, id).map((row) => row.split(' ').slice(0, 3).join(' '));
  assert.deepEqual(rows(inboxId), ['1 2 ()']);
  assert.deepEqual(rows(sentId), ['1 5 ()', '2 5 (\\Seen)']);
  assert.deepEqual(rows(archiveId), ['1 6 (\\Seen)', '2 6 ()']);
  assert.deepEqual(account.state.totals, { bytes: 101 + 101 + 102 + 102 + 104, messages: 5 });
  assert.equal(inbox(account.state).unseen, 1);
  assert.deepEqual(plainState(fold(emptyState, account.log)), plainState(account.state));
});

test('copying and moving within one mailbox', () => {
  const account = new TestAccount();
  account.append([fact(1), fact(2)]);
  account.commit(decideCopy(account.state, inboxId, [[1, 9]], inboxId, 0));
  account.commit(decideMove(account.state, inboxId, [[1, 3]], inboxId));
  const ids = rowsOfMailbox(account.state).map((row) => [row.split(' ')[0], row.split(' ').at(-1)]);
  assert.deepEqual(ids, [
    ['4', messageId(2)],
    ['5', messageId(1)],
    ['6', messageId(2)],
    ['7', messageId(1)],
  ]);
});

test('a delivery that crosses a DELETE lands in INBOX', () => {
  const account = new TestAccount();
  account.append([fact(1)], sentId);
  account.commit(decideDelete(account.state, 'Sent'));
  assert.deepEqual(account.state.totals, { bytes: 0, messages: 0 });
  account.append([fact(2)], sentId);
  assert.equal(inbox(account.state).columns.count, 1);
  assert.ok(account.state.subscriptions.has('Sent'));
});

test('what does not fit is corruption', () => {
  const account = new TestAccount();
  account.append([fact(1)]);
  const { state } = account;
  const head = {
    version: 1 as const,
    modSeq: 3 as ModSeq,
    entryId: 'x' as EntryId,
    atMs: 0,
    totals: state.totals,
  };
  const gone = { uids: '1', messageIds: [messageId(1)], sizesBytes: [101] };
  const cases: [string, RegExp, object][] = [
    ['hole', /hole/, { modSeq: 4, kind: 'reaped', messageIds: [] }],
    ['totals', /octets/, { totals: { bytes: 1, messages: 1 }, kind: 'reaped', messageIds: [] }],
    ['opened twice', /first entry/, { kind: 'opened', mailboxes: [] }],
    [
      'no such row',
      /not there/,
      { kind: 'flagged', mailbox: inboxId, changes: [{ uids: '2', add: seen, remove: [] }] },
    ],
    [
      'no such rows',
      /not there/,
      { kind: 'flagged', mailbox: inboxId, changes: [{ uids: '1:2', add: seen, remove: [] }] },
    ],
    [
      'not a fact',
      /not there/,
      { kind: 'flagged', mailbox: inboxId, changes: [{ uids: '1', add: [], remove: seen }] },
    ],
    ['no mailbox', /not there/, { kind: 'expunged', mailbox: 'nope', gone }],
    [
      'wrong id',
      /Expected/,
      { kind: 'expunged', mailbox: inboxId, gone: { ...gone, messageIds: [messageId(2)] } },
    ],
    ['INBOX deleted', /INBOX/, { kind: 'mailboxDeleted', mailbox: inboxId, gone }],
    [
      'left behind',
      /behind/,
      { kind: 'mailboxDeleted', mailbox: sentId, gone: { uids: '', messageIds: [], sizesBytes: [] } },
    ],
    [
      'validity',
      /UIDVALIDITY/,
      { kind: 'mailboxCreated', mailbox: { mailbox: 'm', name: 'x', uidValidity: 5 as UidValidity } },
    ],
  ];
  const busy = apply(state, {
    ...head,
    totals: { bytes: 201, messages: 2 },
    kind: 'appended',
    mailbox: sentId,
    messages: [fact(0)],
  });
  for (const [name, message, body] of cases) {
    const next = name === 'left behind' ? { modSeq: 4, totals: busy.totals } : {};
    const base = name === 'left behind' ? busy : state;
    assert.throws(
      () => apply(base, { ...head, ...next, ...body } as Entry),
      { code: 'ERR_ASSERTION', message },
      name,
    );
  }
});

test('every state handed out stays as it was, also when two futures grow from it', () => {
  const account = new TestAccount();
  const states: AccountState[] = [];
  const images: unknown[] = [];
  for (let n = 1; n <= 40; n++) {
    account.append([fact(n)]);
    if (n % 3 === 0) {
      const wish = { mailbox: inboxId, uids: [[n, n]], mode: 'set', flags: ['\\Deleted', `k${n}`] } as const;
      account.commit(decideStore(account.state, wish).decision);
    }
    if (n % 10 === 0) account.commit(decideExpunge(account.state, inboxId));
    states.push(account.state);
    images.push(plainState(account.state));
  }
  for (const state of states) {
    const append = { kind: 'appended', mailbox: inboxId, messages: [fact(999)] } as const;
    const entry = nextEntry(state, { append, bytesDelta: 1099, messagesDelta: 1 }, 'fork' as EntryId, 0);
    assert.equal(rowsOfMailbox(apply(state, entry)).at(-1)?.split(' ').at(-1), messageId(999));
  }
  assert.deepEqual(states.map(plainState), images);
});

test('a fold in one go equals the fold one by one, whatever the mix', () => {
  const account = new TestAccount();
  for (let n = 1; n <= 30; n++) account.append([fact(n, n % 2 ? ['\\Deleted'] : [])]);
  account.commit(decideExpunge(account.state, inboxId, [[5, 12]]));
  account.append([fact(31)]);
  account.commit(decideExpunge(account.state, inboxId));
  account.commit(
    decideCreate(account.state, { name: 'New', mint: () => 'm-new' as MailboxId, nowMs: startMs }),
  );
  account.commit(decideCopy(account.state, inboxId, [[1, 99]], 'm-new' as MailboxId, 0));
  const store = { mailbox: inboxId, uids: [[1, 99]], mode: 'add', flags: ['x'] } as const;
  account.commit(decideStore(account.state, store).decision);
  account.commit(decideDelete(account.state, 'New'));
  for (let cut = 0; cut <= account.log.length; cut++) {
    const halves = fold(fold(emptyState, account.log.slice(0, cut)), account.log.slice(cut));
    assert.deepEqual(plainState(halves), plainState(account.state));
  }
});

test('sets of flags that no row has any more are forgotten, and rows keep theirs', () => {
  const account = new TestAccount();
  account.append([fact(1, ['kept']), fact(2), fact(3, ['\\Seen', 'also'])]);
  for (let n = 0; n < 3_000; n++) {
    const wish = { mailbox: inboxId, uids: [[2, 2]], mode: 'set', flags: [`k${n}`] } as const;
    account.commit(decideStore(account.state, wish).decision);
  }
  assert.ok(inbox(account.state).columns.flagSets.size < 1_010);
  const flags = rowsOfMailbox(account.state).map((row) => row.replace(/^.*\((.*)\).*$/, '$1'));
  assert.deepEqual(flags, ['kept', 'k2999', '\\Seen also']);
  assert.equal(inbox(account.state).unseen, 2);
});

test('sets of flags are forgotten too where messages only come and go', () => {
  const account = new TestAccount();
  account.append([fact(1, ['kept'])]);
  for (let n = 2; n < 2_500; n++) {
    account.append([fact(n, [`k${n}`])]);
    account.commit(decideExpunge(account.state, inboxId, [[n, n]], { anyFlags: true }));
  }
  assert.ok(inbox(account.state).columns.flagSets.size < 1_010);
  assert.deepEqual(
    rowsOfMailbox(account.state).map((row) => row.replace(/^.*\((.*)\).*$/, '$1')),
    ['kept'],
  );
});

test('100,000 appends fold quickly, and one STORE on them is a matter of milliseconds', () => {
  const account = new TestAccount();
  const log: Entry[] = [];
  let before = { modSeq: account.state.modSeq, totals: account.state.totals };
  for (let n = 1; n <= 100_000; n++) {
    const append = { kind: 'appended', mailbox: inboxId, messages: [fact(n)] } as const;
    const entry = nextEntry(before, { append, bytesDelta: 100 + n, messagesDelta: 1 }, 'e' as EntryId, 0);
    log.push(entry);
    before = entry;
  }
  let started = performance.now();
  const state = fold(account.state, log);
  const foldMs = performance.now() - started;
  started = performance.now();
  const wish = { mailbox: inboxId, uids: [[1, 100_000]], mode: 'add', flags: ['\\Seen'] } as const;
  const { decision } = decideStore(state, wish);
  assert.ok('append' in decision);
  const after = apply(state, nextEntry(state, decision, 'e' as EntryId, 0));
  const storeMs = performance.now() - started;
  assert.equal(inbox(after).unseen, 0);
  // Generous bounds: they are to catch a wrong order of growth, on a busy machine.
  assert.ok(foldMs < 1_500, `fold took ${foldMs} ms`);
  assert.ok(storeMs < 150, `STORE took ${storeMs} ms`);
});
