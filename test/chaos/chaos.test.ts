/**
 * A short run of both kinds (`npm run chaos` runs longer), and the checker itself: it must see each kind of broken promise.
 * The seed is printed; POSTFOLD_TEST_SEED repeats its choices.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInside } from './inside.ts';
import { runKilled } from './killed.ts';
import { Ledger, type Observed } from './ledger.ts';
import { hashOf, writeLetter } from './letter.ts';
import { failedRecipients, OutboundLedger } from './outbound-ledger.ts';

const seed = Number(process.env.POSTFOLD_TEST_SEED ?? Date.now() % 1_000_000);
const account = 'alice@example.test';
const letter = writeLetter('t1', 300, () => 0.5);
const place = { mailbox: 'INBOX', flags: '' };
const shown: Observed = {
  ...{ uid: 7, flags: '\\Seen', sizeBytes: 1, octets: letter.octets },
  ...{ mailbox: 'INBOX', validity: 1 },
};

for (const [name, run] of Object.entries({ inside: runInside, killed: runKilled })) {
  test(`${name}: everything fails, nothing promised is lost (seed ${seed})`, {
    timeout: 100_000,
  }, async (t) => {
    const { failures, figures } = await run({ seed, durationMs: 3_000, say: () => {} });
    assert.deepEqual(failures, []);
    assert.ok((figures['UIDs seen'] ?? 0) > 0, 'nothing was done');
    t.diagnostic(JSON.stringify(figures));
  });
}

/** A message with \Seen in INBOX was promised; what a check says of what is seen instead. */
function brokenBy(rows: readonly Observed[], before: (ledger: Ledger) => void = () => {}): readonly string[] {
  const ledger = new Ledger();
  const instance = ledger.sending('t1', account, letter.hash, { mailbox: 'INBOX', flags: '\\Seen' });
  ledger.sent(instance, 'done', 'delivery');
  before(ledger);
  for (const { uid, octets } of rows)
    ledger.learn(account, 'INBOX', 1, [{ uid, octets, flags: '', sizeBytes: 1 }]);
  ledger.checkAccount(account, rows, hashOf);
  return ledger.broken.map(({ what }) => what);
}

test('the checker sees what is lost, doubled, moved, altered, and what comes back', () => {
  assert.deepEqual(brokenBy([shown]), []);
  assert.match(brokenBy([]).join(), /is not there, and was to be in INBOX/);
  assert.match(brokenBy([shown, { ...shown, uid: 8 }]).join(), /there 2 times/);
  assert.match(brokenBy([{ ...shown, mailbox: 'Trash' }]).join(), /is in Trash/);
  assert.match(brokenBy([{ ...shown, flags: '' }]).join(), /with \(\), and was to be .*Seen/);
  const altered = Buffer.concat([letter.octets, Buffer.from('x')]);
  assert.match(brokenBy([{ ...shown, octets: altered }]).join(), /other octets/);
  const expunged = (ledger: Ledger) => {
    ledger.learn(account, 'INBOX', 1, [shown]);
    const [instance] = ledger.take(account, 'INBOX', { validity: 1, upTo: 9 }, 1, () => 0);
    assert.ok(instance);
    ledger.settle(instance, 'done', 'EXPUNGE', () => undefined);
    ledger.checkAccount(account, [], hashOf);
  };
  assert.match(brokenBy([shown], expunged).join(), /and was gone/);
});

test('the checker sees a UID that is used again, or out of order', () => {
  const other = writeLetter('t2', 300, () => 0.5).octets;
  const ledger = new Ledger();
  ledger.saw(account, 'INBOX', 1, 7, 't1');
  ledger.saw(account, 'INBOX', 1, 7, 't2');
  ledger.floor(account, 'INBOX', 1, 10);
  ledger.learn(account, 'INBOX', 1, [{ uid: 9, octets: other, flags: '', sizeBytes: 1 }]);
  ledger.floor(account, 'INBOX', 1, 9);
  ledger.saw(account, 'INBOX', 2, 1, 't1');
  const broken = ledger.broken.map(({ what }) => what.replace(account, 'A'));
  assert.deepEqual(broken, [
    'A/INBOX/1/7 was t1 and is t2',
    'A/INBOX/1/9 is new, but below an earlier UIDNEXT',
    'A/INBOX/1: UIDNEXT was 10 and is 9',
    'A/INBOX: UIDVALIDITY was 1 and is 2',
  ]);
});

test('after an answer that was lost both is right, and a check decides', () => {
  const unanswered = (ledger: Ledger) => {
    ledger.learn(account, 'INBOX', 1, [shown]);
    const [instance] = ledger.take(account, 'INBOX', { validity: 1, upTo: 9 }, 1, () => 0);
    assert.ok(instance);
    ledger.settle(instance, 'unknown', 'EXPUNGE', () => undefined);
  };
  assert.deepEqual(brokenBy([shown], unanswered), []);
  assert.deepEqual(brokenBy([], unanswered), []);
  assert.match(brokenBy([{ ...shown, flags: '' }], unanswered).join(), /is in INBOX with \(\)/);
});

test('the checker sees a recipient without an outcome, and one with two', () => {
  const ledger = new OutboundLedger();
  const to = ['a@one.example', 'b@one.example', 'c@one.example'];
  ledger.sent(to, { token: 't1', hash: letter.hash, promised: true });
  const taken = (recipient = '') => ({ token: 't1', hash: letter.hash, recipient, atMs: 1 });
  const dsn = 'Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; c@one.example\r\nAction: failed\r\n\r\n';
  assert.deepEqual(
    failedRecipients(dsn).map(({ recipient }) => recipient),
    ['c@one.example'],
  );
  const fine = ledger.check([taken(to[0]), taken(to[1])], failedRecipients(dsn), () => false);
  assert.deepEqual(fine.broken, []);
  const bad = ledger.check([taken(to[0]), taken(to[0])], failedRecipients(dsn), () => false);
  assert.equal(bad.broken.length, 2);
  const crash = ledger.check(
    [taken(to[0]), taken(to[0]), taken(to[1])],
    [{ recipient: to[2] ?? '', atMs: 2 }],
    () => true,
  );
  assert.deepEqual([crash.broken, crash.repeated], [[], 1]);
});

/** A message at UID 7 of INBOX and a copy of it, promised in Trash. */
function copied(rows: readonly Observed[], outcome: 'done' | 'unknown' = 'done'): readonly string[] {
  const ledger = new Ledger();
  const first = ledger.sending('t1', account, letter.hash, place);
  ledger.sent(first, 'done', 'delivery');
  ledger.learn(account, 'INBOX', 1, [{ ...shown, flags: '' }]);
  const copy = ledger.sending('t1', account, letter.hash, { mailbox: 'Trash', flags: '' });
  ledger.sent(copy, outcome, 'COPY');
  ledger.checkAccount(account, rows, hashOf);
  return ledger.broken.map(({ what }) => what);
}

test('the checker sees a copy that is missing, too many, or in place of the message', () => {
  const own = { ...shown, flags: '' };
  const copy = { ...own, mailbox: 'Trash', uid: 1 };
  assert.deepEqual(copied([own, copy]), []);
  assert.deepEqual(copied([copy, own]), []);
  assert.deepEqual(copied([own], 'unknown'), []);
  assert.deepEqual(copied([own, copy], 'unknown'), []);
  assert.match(copied([own]).join(), /copy 2 of 2\) is not there, and was to be in Trash/);
  assert.match(copied([copy], 'unknown').join(), /copy 1 of 2\) is in Trash .*was to be in INBOX/);
  assert.match(copied([own, copy, { ...copy, uid: 2 }]).join(), /is there 3 times/);
  assert.match(copied([{ ...own, uid: 8 }, copy]).join(), /was at UID 7 of INBOX and is at 8/);
});

test('the checker sees a change of several messages that was done for some', () => {
  const changed = (done: number): readonly string[] => {
    const ledger = new Ledger();
    const after = { mailbox: 'Trash', flags: '' };
    const members = ['t1', 't2', 't3'].map((token) => {
      const instance = ledger.sending(token, account, letter.hash, place);
      ledger.sent(instance, 'done', 'delivery');
      return { instance, after };
    });
    ledger.together('MOVE', members);
    for (const { instance } of members) ledger.settle(instance, 'unknown', 'MOVE', () => after);
    const rows = members.map(({ instance: { token } }, at) => ({
      ...{ ...shown, flags: '', uid: at + 1, mailbox: at < done ? 'Trash' : 'INBOX' },
      octets: writeLetter(token, 300, () => 0.5).octets,
    }));
    ledger.checkAccount(account, rows, () => undefined);
    return ledger.broken.map(({ what }) => what.replace(account, 'A'));
  };
  assert.deepEqual([changed(0), changed(3)], [[], []]);
  assert.deepEqual(changed(2), ['A: MOVE was done for 2 of 3 messages']);
});
