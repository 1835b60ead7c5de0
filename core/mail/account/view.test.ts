// What a session is told, and in which order, while others change its mailbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UidSet } from '../uid-set.ts';
import { inboxId } from './apply.ts';
import { decideDelete } from './decide-delete.ts';
import { decideExpunge } from './decide-expunge.ts';
import { decideStore } from './decide-store.ts';
import { archiveId } from './opening.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';
import type { AccountState, MailboxState } from './state.ts';
import { fact, TestAccount } from './testkit.ts';
import { MailboxView, type ViewChanges } from './view.ts';

function mailboxOf(state: AccountState, id = inboxId): MailboxState {
  const mailbox = state.mailboxes.get(id);
  assert.ok(mailbox !== undefined);
  return mailbox;
}

function setup(messages: number) {
  const account = new TestAccount();
  if (messages > 0) account.append(Array.from({ length: messages }, (_, n) => fact(n + 1)));
  const view = new MailboxView(mailboxOf(account.state));
  const sync = (allowExpunge = true) => text(view, view.sync(account.state, allowExpunge));
  const setOf = (uids: readonly number[]): UidSet => uids.map((uid) => [uid, uid]);
  const expunge = (...uids: number[]) =>
    account.commit(decideExpunge(account.state, inboxId, setOf(uids), { anyFlags: true }));
  const flag = (...uids: number[]) => {
    const flags = [`k${account.log.length}`];
    const wish = { mailbox: inboxId, uids: setOf(uids), mode: 'add', flags } as const;
    return account.commit(decideStore(account.state, wish).decision);
  };
  return { account, view, sync, expunge, flag };
}

/** Sequence numbers: `-5,2` gone, `flags 3/6` number and UID now. */
function text({ columns }: MailboxView, changes: ViewChanges | undefined): string {
  if (changes === undefined) return 'no mailbox';
  const { gone, exists, changed, before } = changes;
  const flags = changed.before.map((from, index) => {
    const now = changed.now[index] ?? -1;
    assert.equal(before.uid[from], columns.uid[now]);
    return `${now + 1}/${columns.uid[now]}`;
  });
  const parts = [
    gone.length > 0 ? `-${gone.map((row) => row + 1).toReversed()}` : '',
    exists === undefined ? '' : `exists ${exists}`,
    flags.length > 0 ? `flags ${flags}` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function uids({ columns }: MailboxView): readonly number[] {
  return [...columns.uid.subarray(0, columns.count)];
}

test('arrivals, flags and expunges', () => {
  const { account, view, sync, expunge, flag } = setup(5);
  assert.deepEqual([view.count, sync()], [5, '']);
  account.append([fact(6)]);
  assert.equal(sync(), 'exists 6');
  flag(2, 6);
  assert.equal(sync(), 'flags 2/2,6/6');
  expunge(2, 5);
  assert.equal(sync(), '-5,2');
  flag(6);
  expunge(1);
  account.append([fact(7)]);
  flag(3);
  assert.equal(sync(), '-1 exists 4 flags 1/3,3/6');
  assert.deepEqual(uids(view), [3, 4, 6, 7]);
  assert.equal(sync(), '');
});

test('while expunges may not be told, numbers stay; afterwards they are told', () => {
  const { account, view, sync, expunge, flag } = setup(4);
  expunge(2);
  account.append([fact(5)]);
  assert.equal(sync(false), '');
  assert.deepEqual(uids(view), [1, 2, 3, 4]);
  flag(3, 5);
  expunge(4);
  assert.equal(sync(false), 'flags 3/3');
  assert.deepEqual(uids(view), [1, 2, 3, 4]);
  assert.equal(sync(), '-4,2 exists 3');
  assert.deepEqual(uids(view), [1, 3, 5]);
  assert.equal(sync(), '');
});

test('numbers stay after a reload too, where sets of flags have other indexes', () => {
  const { account, view, sync, expunge, flag } = setup(4);
  const flagsOf = (row: number) => view.columns.flagSets.text(view.columns.flagSet(row));
  flag(1);
  flag(2, 4);
  assert.equal(sync(), 'flags 1/1,2/2,4/4');
  flag(3);
  expunge(2);
  const reloaded = decodeSnapshot(encodeSnapshot(account.state));
  assert.ok(reloaded !== undefined);
  assert.equal(text(view, view.sync(reloaded, false)), 'flags 3/3');
  assert.deepEqual([0, 1, 2, 3].map(flagsOf), ['(k2)', '(k3)', '(k4)', '(k3)']);
  assert.equal(text(view, view.sync(reloaded, true)), '-2');
  assert.deepEqual([0, 1, 2].map(flagsOf), ['(k2)', '(k4)', '(k3)']);
});

test('a message that came and went between two looks is never told', () => {
  const { account, sync, expunge } = setup(2);
  account.append([fact(3)]);
  expunge(3);
  assert.equal(sync(), '');
  expunge(1, 2);
  assert.equal(sync(), '-2,1');
  account.append([fact(4)]);
  assert.equal(sync(), 'exists 1');
});

test('as many come as go: still told', () => {
  const { account, sync, expunge } = setup(3);
  expunge(1);
  account.append([fact(4)]);
  assert.equal(sync(), '-1 exists 3');
});

test('a deleted mailbox is gone', () => {
  const account = new TestAccount();
  const view = new MailboxView(mailboxOf(account.state, archiveId));
  account.commit(decideDelete(account.state, 'Archive'));
  assert.equal(view.sync(account.state, true), undefined);
});

test('views of 100,000 rows share the columns and sync in no time', () => {
  const account = new TestAccount();
  for (let n = 0; n < 100; n++) account.append(Array.from({ length: 1000 }, (_, i) => fact(1000 * n + i)));
  const views = Array.from({ length: 50 }, () => new MailboxView(mailboxOf(account.state)));
  account.append([fact(1)]);
  const started = performance.now();
  for (const view of views) assert.equal(view.sync(account.state, true)?.exists, 100_001);
  // 50 scans for changed rows; copying the list for each would take far longer.
  assert.ok(performance.now() - started < 250);
});
