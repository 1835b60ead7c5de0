// What a session is told, and in which order, while others change its mailbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatUidSet } from '../uid-set.ts';
import { inboxId } from './apply.ts';
import { decideDelete } from './decide-delete.ts';
import { decideExpunge } from './decide-expunge.ts';
import { decideStore } from './decide-store.ts';
import { archiveId } from './opening.ts';
import { RecentLedger } from './recent.ts';
import { fact, TestAccount } from './testkit.ts';
import { MailboxView, type ViewChanges } from './view.ts';

function setup(messages: number) {
  const account = new TestAccount();
  if (messages > 0) account.append(Array.from({ length: messages }, (_, n) => fact(n + 1)));
  const view = new MailboxView(account.state, inboxId);
  const sync = (allowExpunge = true) => text(view.sync(account.state, { allowExpunge }));
  const expunge = (...uids: number[]) =>
    account.commit(
      decideExpunge(
        account.state,
        inboxId,
        uids.map((uid) => [uid, uid]),
        { anyFlags: true },
      ),
    );
  const flag = (...uids: number[]) =>
    account.commit(
      decideStore(account.state, {
        mailbox: inboxId,
        uids: uids.map((uid) => [uid, uid]),
        mode: 'add',
        flags: [`k${account.log.length}`],
      }).decision,
    );
  return { account, view, sync, expunge, flag };
}

function text({ gone, expunged, vanished, exists, changed }: ViewChanges): string {
  const parts = [
    gone ? 'gone' : '',
    expunged.length > 0 ? `-${expunged.join(',')} (${formatUidSet(vanished)})` : '',
    exists === undefined ? '' : `exists ${exists}`,
    changed.length > 0 ? `flags ${changed.map(({ seq, uid }) => `${seq}/${uid}`).join(',')}` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

test('arrivals, flags and expunges', () => {
  const { account, view, sync, expunge, flag } = setup(5);
  assert.deepEqual([view.count, view.maxUid, sync()], [5, 5, '']);
  account.append([fact(6)]);
  assert.equal(sync(), 'exists 6');
  flag(2, 6);
  assert.equal(sync(), 'flags 2/2,6/6');
  expunge(2, 5);
  assert.equal(sync(), '-5,2 (2,5)');
  flag(6);
  expunge(1);
  account.append([fact(7)]);
  flag(3);
  assert.equal(sync(), '-1 (1) exists 4 flags 1/3,3/6');
  assert.deepEqual([view.uidAt(1), view.seqOf(3), view.seqOf(2), view.seqOf(7)], [3, 1, 0, 4]);
  assert.equal(sync(), '');
});

test('while expunges may not be told, numbers stay; afterwards they are told', () => {
  const { account, view, sync, expunge, flag } = setup(4);
  expunge(2);
  account.append([fact(5)]);
  assert.equal(sync(false), 'exists 5');
  assert.ok(view.pendingExpunge);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((seq) => view.uidAt(seq)),
    [1, 2, 3, 4, 5],
  );
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((seq) => view.rowAt(seq)),
    [0, -1, 1, 2, 3],
  );
  flag(3, 5);
  expunge(4);
  assert.equal(sync(false), 'flags 3/3,5/5');
  assert.equal(sync(), '-4,2 (2,4)');
  assert.deepEqual([view.count, view.pendingExpunge, view.rowAt(3)], [3, false, 2]);
  assert.equal(sync(), '');
});

test('a message that came and went between two looks is never told', () => {
  const { account, sync, expunge } = setup(2);
  account.append([fact(3)]);
  expunge(3);
  assert.equal(sync(), '');
  expunge(1, 2);
  assert.equal(sync(), '-2,1 (1:2)');
  account.append([fact(4)]);
  assert.equal(sync(), 'exists 1');
});

test('as many come as go: still told', () => {
  const { account, sync, expunge } = setup(3);
  expunge(1);
  account.append([fact(4)]);
  assert.equal(sync(), '-1 (1) exists 3');
});

test('sets of numbers and UIDs are resolved against what the client knows', () => {
  const { account, view, sync, expunge } = setup(6);
  expunge(2, 3);
  sync();
  account.append([fact(7)]);
  assert.equal(
    formatUidSet(
      view.uidsOfSequence([
        [2, 3],
        [4, 99],
      ]),
    ),
    '4:6',
  );
  assert.equal(formatUidSet(view.uidsOfSequence([[9, 99]])), '');
  assert.equal(
    formatUidSet(
      view.knownUids([
        [1, 4],
        [6, 4_294_967_295],
      ]),
    ),
    '1,4,6',
  );
  assert.equal(formatUidSet(view.knownUids([[6, 4_294_967_295]])), '6');
});

test('a deleted mailbox is gone', () => {
  const account = new TestAccount();
  const view = new MailboxView(account.state, archiveId);
  account.commit(decideDelete(account.state, 'Archive'));
  assert.equal(text(view.sync(account.state, { allowExpunge: true })), 'gone');
});

test('views of 100,000 rows share the columns and sync in no time', () => {
  const account = new TestAccount();
  for (let n = 0; n < 100; n++) account.append(Array.from({ length: 1000 }, (_, i) => fact(1000 * n + i)));
  const views = Array.from({ length: 50 }, () => new MailboxView(account.state, inboxId));
  account.append([fact(1)]);
  const started = performance.now();
  for (const view of views) assert.equal(view.sync(account.state, { allowExpunge: true }).exists, 100_001);
  // 50 scans for changed rows; copying the list for each would take far longer.
  assert.ok(performance.now() - started < 250);
});

test('recent: for one session, and not what was there before the process', () => {
  const { account } = setup(3);
  const ledger = new RecentLedger();
  const inbox = () => {
    const mailbox = account.state.mailboxes.get(inboxId);
    assert.ok(mailbox !== undefined);
    return mailbox;
  };
  ledger.observe(inbox());
  account.append([fact(4)]);
  assert.equal(ledger.recentFrom(inbox(), false), 4);
  assert.equal(ledger.recentFrom(inbox(), true), 4);
  assert.equal(ledger.recentFrom(inbox(), true), 5);
});
