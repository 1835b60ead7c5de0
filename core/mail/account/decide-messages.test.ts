// Deciding APPEND, STORE, EXPUNGE, COPY and MOVE: facts only, limits, splitting, refusals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxFlagsPerMessage } from '../flags.ts';
import type { MailboxId, ModSeq } from '../ids.ts';
import type { UidSet } from '../uid-set.ts';
import { inboxId } from './apply.ts';
import { decideAppend } from './decide-append.ts';
import { decideCopy, decideMove } from './decide-copy.ts';
import { decideExpunge } from './decide-expunge.ts';
import { decideStore, type StoreWish } from './decide-store.ts';
import { maxArrivals, maxEntryRanges, maxKeywords, nameableForMs } from './limits.ts';
import { archiveId, sentId } from './opening.ts';
import { fact, messageId, refusalOf, rowsOfMailbox, startMs, TestAccount } from './testkit.ts';

const nowhere = 'nowhere' as MailboxId;
const all: UidSet = [[1, 4_294_967_295]];

function withMessages(...flags: readonly (readonly string[])[]): TestAccount {
  const account = new TestAccount();
  account.append(flags.map((one, index) => fact(index + 1, one)));
  return account;
}

function store(account: TestAccount, wish: Partial<StoreWish>, max?: number) {
  return decideStore(account.state, { mailbox: inboxId, uids: all, mode: 'add', flags: [], ...wish }, max);
}

function flagsOf(account: TestAccount): string[] {
  return rowsOfMailbox(account.state).map((row) => row.replace(/^.*\((.*)\).*$/, '$1'));
}

test('APPEND: facts are normalised, UIDs follow', () => {
  const account = withMessages(['MyTag']);
  const message = { ...fact(2), flags: ['mytag', '\\seen', '\\Recent'], internalDateMs: startMs + 999 };
  account.commit(decideAppend(account.state, inboxId, [message], 0, startMs));
  assert.equal(rowsOfMailbox(account.state)[1], `2 3 (MyTag \\Seen) 102 1700000000 ${messageId(2)}`);
});

test('APPEND: refusals', () => {
  const account = withMessages([]);
  const decide = (mailbox: MailboxId, count: number, quota: number, nowMs = startMs) =>
    refusalOf(
      decideAppend(
        account.state,
        mailbox,
        Array.from({ length: count }, () => fact(0)),
        quota,
        nowMs,
      ),
    );
  assert.equal(decide(nowhere, 1, 0), 'TRYCREATE');
  assert.equal(decide(inboxId, 0, 0), 'nothing');
  assert.equal(decide(inboxId, 1, 201), 'append');
  assert.equal(decide(inboxId, 1, 200), 'OVERQUOTA');
  assert.equal(decide(inboxId, maxArrivals + 1, 0), 'LIMIT');
  assert.equal(decide(inboxId, 1, 0, startMs + nameableForMs), 'append');
  assert.equal(decide(inboxId, 1, 0, startMs + nameableForMs + 1), 'CANNOT');
});

test('STORE: only what changes, grouped', () => {
  const account = withMessages([], ['\\Seen'], ['\\Flagged', '\\Seen'], []);
  const { decision } = store(account, { mode: 'set', flags: ['\\Seen'] });
  assert.deepEqual('append' in decision && decision.append, {
    kind: 'flagged',
    mailbox: inboxId,
    changes: [
      { uids: '1,4', add: ['\\Seen'], remove: [] },
      { uids: '3', add: [], remove: ['\\Flagged'] },
    ],
  });
  account.commit(decision);
  assert.deepEqual(flagsOf(account), ['\\Seen', '\\Seen', '\\Seen', '\\Seen']);
  assert.equal(refusalOf(store(account, { mode: 'add', flags: ['\\Seen'] }).decision), 'nothing');
  assert.equal(refusalOf(store(account, { mode: 'remove', flags: ['x'] }).decision), 'nothing');
  assert.equal(refusalOf(store(account, { mode: 'set', uids: [[7, 9]], flags: [] }).decision), 'nothing');
  account.commit(store(account, { mode: 'remove', uids: [[2, 2]], flags: ['\\SEEN'] }).decision);
  assert.deepEqual(flagsOf(account), ['\\Seen', '', '\\Seen', '\\Seen']);
  assert.equal(refusalOf(store(account, { mailbox: nowhere }).decision), 'NONEXISTENT');
});

test('STORE UNCHANGEDSINCE leaves later rows alone and names them, changed or not', () => {
  const account = withMessages([], [], [], []);
  const unchangedSince = account.state.modSeq as ModSeq;
  account.commit(store(account, { uids: [[2, 3]], flags: ['\\Flagged'] }).decision);
  const { decision, modified } = store(account, { flags: ['\\Flagged'], unchangedSince });
  assert.deepEqual(modified, [[2, 3]]);
  account.commit(decision);
  assert.deepEqual(
    rowsOfMailbox(account.state).map((row) => row.split(' ')[1]),
    ['4', '3', '3', '4'],
  );
  assert.deepEqual(store(account, { uids: [[2, 2]], flags: ['x'], unchangedSince: 0 }).modified, [[2, 2]]);
});

test('STORE that does not fit one entry goes on with the rest', () => {
  const account = withMessages(...Array.from({ length: 9 }, () => []));
  let uids: UidSet = [1, 3, 5, 7, 9].map((uid) => [uid, uid] as const);
  const entries: string[] = [];
  while (uids.length > 0) {
    const { decision, rest } = store(account, { uids, flags: ['x'] }, 2);
    const entry = account.commit(decision);
    assert.equal('more' in decision && decision.more === true, rest.length > 0);
    if (entry.kind === 'flagged') entries.push(entry.changes.map((change) => change.uids).join(';'));
    uids = rest;
  }
  assert.deepEqual(entries, ['1,3', '5,7', '9']);
});

test('STORE: limits of one message', () => {
  const many = Array.from({ length: maxFlagsPerMessage }, (_, n) => `k${n}`);
  const account = withMessages(many);
  assert.equal(refusalOf(store(account, { flags: ['one-more'] }).decision), 'LIMIT');
  assert.equal(refusalOf(store(account, { flags: [...many, 'one-more'] }).decision), 'LIMIT');
  assert.equal(refusalOf(store(account, { mode: 'set', flags: ['one-more'] }).decision), 'append');
});

test('keywords of a mailbox are limited; those that no row has any more do not count', () => {
  const keywords = (from: number, count: number) => Array.from({ length: count }, (_, n) => `k${from + n}`);
  const account = new TestAccount();
  for (let n = 0; n < maxKeywords; n += 50) account.append([fact(n, keywords(n, 50))]);
  account.append([fact(2_000), fact(2_001)]);
  const uid = (n: number): UidSet => [[n, n]];
  const free = account.state.mailboxes.get(inboxId)?.columns.count ?? 0;
  const add = (flag: string) => refusalOf(store(account, { uids: uid(free), flags: [flag] }).decision);
  const append = (flag: string) =>
    refusalOf(decideAppend(account.state, inboxId, [fact(9, [flag])], 0, startMs));
  assert.deepEqual([add('new'), add('K7'), add('\\Seen')], ['LIMIT', 'append', 'append']);
  assert.deepEqual([append('new'), append('K7'), append('\\Seen')], ['LIMIT', 'append', 'append']);
  account.append([fact(2_002, ['new'])], sentId);
  assert.equal(refusalOf(decideCopy(account.state, sentId, all, inboxId, 0)), 'LIMIT');
  assert.equal(refusalOf(decideMove(account.state, inboxId, all, sentId)), 'LIMIT');
  assert.equal(refusalOf(decideCopy(account.state, inboxId, all, inboxId, 0)), 'append');
  account.commit(decideExpunge(account.state, inboxId, uid(1), { anyFlags: true }));
  assert.deepEqual([add('new'), append('new')], ['append', 'append']);
  assert.equal(refusalOf(decideCopy(account.state, sentId, all, inboxId, 0)), 'append');
});

test('EXPUNGE: only \\Deleted unless said otherwise, only the named, in portions', () => {
  const deleted = ['\\Deleted'];
  const account = withMessages(deleted, [], deleted, deleted, deleted);
  const entry = account.commit(decideExpunge(account.state, inboxId, [[2, 3]]));
  assert.deepEqual('gone' in entry && entry.gone, {
    uids: '3',
    messageIds: [messageId(3)],
    sizesBytes: [103],
  });
  account.commit(decideExpunge(account.state, inboxId, [[2, 2]], { anyFlags: true }));
  const first = decideExpunge(account.state, inboxId, undefined, { max: 2 });
  assert.ok('append' in first && first.more === true && first.bytesDelta === -205);
  account.commit(first);
  const second = decideExpunge(account.state, inboxId, undefined, { max: 2 });
  assert.ok('append' in second && second.more === undefined);
  account.commit(second);
  assert.equal(refusalOf(decideExpunge(account.state, inboxId)), 'nothing');
  assert.equal(refusalOf(decideExpunge(account.state, nowhere)), 'NONEXISTENT');
});

test('COPY and MOVE: quota, destinations, what is not there', () => {
  const account = withMessages(['\\Seen'], []);
  const copy = (to: MailboxId, uids: UidSet, quota = 0) =>
    decideCopy(account.state, inboxId, uids, to, quota);
  assert.equal(refusalOf(copy(nowhere, all)), 'TRYCREATE');
  assert.equal(refusalOf(decideCopy(account.state, nowhere, all, sentId, 0)), 'NONEXISTENT');
  assert.equal(refusalOf(copy(sentId, [[5, 9]])), 'nothing');
  assert.equal(refusalOf(copy(sentId, all, 405)), 'OVERQUOTA');
  assert.equal(refusalOf(copy(sentId, all, 406)), 'append');
  const entry = account.commit(decideMove(account.state, inboxId, all, archiveId));
  assert.deepEqual('uids' in entry && entry.uids, '1:2');
  assert.deepEqual(
    [rowsOfMailbox(account.state).length, rowsOfMailbox(account.state, archiveId).length],
    [0, 2],
  );
});

test('COPY of more ranges than an entry holds is refused whole', () => {
  const account = new TestAccount();
  const facts = Array.from({ length: 1000 }, () => fact(1));
  for (let n = 0; n <= 2 * maxEntryRanges; n += 1000) account.append(facts);
  const lone = (ranges: number): UidSet => Array.from({ length: ranges }, (_, n) => [2 * n + 1, 2 * n + 1]);
  assert.equal(refusalOf(decideCopy(account.state, inboxId, lone(maxEntryRanges), sentId, 0)), 'append');
  assert.equal(refusalOf(decideCopy(account.state, inboxId, lone(maxEntryRanges + 1), sentId, 0)), 'LIMIT');
});
