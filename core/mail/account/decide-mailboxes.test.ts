// Deciding CREATE, DELETE, RENAME and SUBSCRIBE.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailboxId } from '../ids.ts';
import { maxNameOctets } from '../mailbox-name.ts';
import { inboxId } from './apply.ts';
import { decideCreate } from './decide-create.ts';
import { decideDelete } from './decide-delete.ts';
import { decideRename } from './decide-rename.ts';
import { decideSubscribe } from './decide-subscribe.ts';
import { maxMailboxes, maxSubscriptions } from './limits.ts';
import { nextUidValidity } from './opening.ts';
import { type AccountState, mailboxNamed } from './state.ts';
import { fact, refusalOf, rowsOfMailbox, startMs, TestAccount } from './testkit.ts';

let minted = 0;
const mint = () => `m${++minted}` as MailboxId;

function create(account: TestAccount, name: string, specialUse?: string): string {
  return refusalOf(
    account.commitAll((state) => decideCreate(state, { name, specialUse, mint, nowMs: startMs })),
  );
}

function rename(account: TestAccount, from: string, to: string): string {
  const target = mint();
  const last = account.commitAll((state) => decideRename(state, { from, to, target, mint, nowMs: startMs }));
  return refusalOf(last);
}

function namesOf(account: TestAccount): string[] {
  return [...account.state.mailboxes.values()]
    .map(({ name }) => name)
    .slice(6)
    .sort();
}

test('CREATE makes superior names; UIDVALIDITY rises also within one second', () => {
  const account = new TestAccount();
  assert.equal(create(account, 'a/b/c'), 'append');
  assert.deepEqual(namesOf(account), ['a', 'a/b', 'a/b/c']);
  const validity = (name: string) => mailboxNamed(account.state, name)?.uidValidity ?? 0;
  assert.ok(validity('a') < validity('a/b') && validity('a/b') < validity('a/b/c'));
  assert.equal(create(account, 'a/b'), 'ALREADYEXISTS');
  const before = validity('a/b/c');
  account.commitAll((state) => decideDelete(state, 'a/b/c'));
  create(account, 'a/b/c');
  assert.ok(validity('a/b/c') > before);
  assert.equal(nextUidValidity(account.state, startMs + 1e9), 1_701_000_000);
});

test('CREATE with a special use: once per account', () => {
  const account = new TestAccount();
  assert.equal(create(account, 'Pins', '\\Flagged'), 'append');
  assert.equal(mailboxNamed(account.state, 'Pins')?.specialUse, '\\Flagged');
  assert.equal(create(account, 'Sent2', '\\Sent'), 'CANNOT');
});

test('DELETE: INBOX stays, those below stay, large ones are emptied first', () => {
  const account = new TestAccount();
  create(account, 'a/b');
  const a = mailboxNamed(account.state, 'a')?.mailbox;
  assert.ok(a !== undefined);
  account.append(
    [1, 2, 3, 4, 5].map((n) => fact(n)),
    a,
  );
  const length = account.log.length;
  account.commitAll((state) => decideDelete(state, 'a', 2));
  assert.deepEqual(
    account.log.slice(length).map(({ kind }) => kind),
    ['expunged', 'expunged', 'mailboxDeleted'],
  );
  assert.deepEqual(namesOf(account), ['a/b']);
  assert.deepEqual(account.state.totals, { bytes: 0, messages: 0 });
  assert.equal(refusalOf(decideDelete(account.state, 'INBOX')), 'CANNOT');
  assert.equal(refusalOf(decideDelete(account.state, 'a')), 'NONEXISTENT');
});

test('RENAME takes all below along, in one entry, and makes superior names', () => {
  const account = new TestAccount();
  for (const name of ['a/b/c', 'ab', 'x']) create(account, name);
  const length = account.log.length;
  assert.equal(rename(account, 'a', 'new/a'), 'append');
  assert.deepEqual(
    account.log.slice(length).map(({ kind }) => kind),
    ['mailboxCreated', 'mailboxesRenamed'],
  );
  assert.deepEqual(namesOf(account), ['ab', 'new', 'new/a', 'new/a/b', 'new/a/b/c', 'x']);
});

test('RENAME: refusals', () => {
  const account = new TestAccount();
  for (const name of ['a/b', 'c', 'd/b', 'INBOX/sub']) create(account, name);
  assert.equal(rename(account, 'nope', 'x'), 'NONEXISTENT');
  assert.equal(rename(account, 'a', 'c'), 'ALREADYEXISTS');
  assert.equal(rename(account, 'a', 'INBOX'), 'ALREADYEXISTS');
  assert.equal(rename(account, 'a', 'a/x'), 'CANNOT');
  account.commitAll((state) => decideDelete(state, 'd'));
  assert.equal(rename(account, 'a', 'd'), 'ALREADYEXISTS');
  assert.equal(rename(account, 'a', 'x'.repeat(maxNameOctets - 1)), 'LIMIT');
  assert.deepEqual(namesOf(account), ['INBOX/sub', 'a', 'a/b', 'c', 'd/b']);
});

test('RENAME INBOX moves its messages and leaves what is below', () => {
  const account = new TestAccount();
  create(account, 'INBOX/sub');
  account.append([fact(1), fact(2)]);
  assert.equal(rename(account, 'INBOX', 'old/mail'), 'append');
  assert.deepEqual(namesOf(account), ['INBOX/sub', 'old', 'old/mail']);
  const target = mailboxNamed(account.state, 'old/mail')?.mailbox;
  assert.ok(target !== undefined);
  assert.deepEqual(
    [rowsOfMailbox(account.state).length, rowsOfMailbox(account.state, target).length],
    [0, 2],
  );
  assert.equal(account.state.mailboxes.get(inboxId)?.name, 'INBOX');
  assert.equal(rename(account, 'INBOX', 'old/mail'), 'ALREADYEXISTS');
  // Nothing to move: the new mailbox is made all the same.
  assert.equal(rename(account, 'INBOX', 'empty'), 'nothing');
  assert.ok(namesOf(account).includes('empty'));
});

test('SUBSCRIBE says only what changes', () => {
  const account = new TestAccount();
  assert.equal(refusalOf(decideSubscribe(account.state, 'INBOX', true)), 'nothing');
  account.commit(decideSubscribe(account.state, 'later', true));
  assert.ok(account.state.subscriptions.has('later'));
  account.commit(decideSubscribe(account.state, 'later', false));
  assert.equal(refusalOf(decideSubscribe(account.state, 'later', false)), 'nothing');
});

test('limits on numbers', () => {
  const { state } = new TestAccount();
  const inbox = state.mailboxes.get(inboxId);
  assert.ok(inbox !== undefined);
  const numbers = Array.from({ length: maxMailboxes }, (_, n) => n);
  const mailboxes = new Map(numbers.map((n) => [`f${n}` as MailboxId, { ...inbox, name: `f${n}` }]));
  const full: AccountState = { ...state, mailboxes };
  assert.equal(refusalOf(decideCreate(full, { name: 'x', mint, nowMs: startMs })), 'LIMIT');
  const subscriptions = new Set(Array.from({ length: maxSubscriptions }, (_, n) => `s${n}`));
  assert.equal(refusalOf(decideSubscribe({ ...state, subscriptions }, 'x', true)), 'LIMIT');
  const long = 'y'.repeat(900);
  const below = numbers.map(
    (n) => [`f${n}` as MailboxId, { ...inbox, name: n === 0 ? 'top' : `top/${long}${n}` }] as const,
  );
  const wide = { ...state, mailboxes: new Map(below) };
  assert.equal(
    refusalOf(decideRename(wide, { from: 'top', to: 'x', target: mint(), mint, nowMs: startMs })),
    'LIMIT',
  );
});
