/** The checker's rules for mailboxes, subscriptions, quotas and for clients that look on: each sees what breaks it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Box, maxBoxes } from './boxes.ts';
import { Ledger } from './ledger.ts';
import { hashOf, writeLetter } from './letter.ts';
import { OutboundLedger } from './outbound-ledger.ts';
import { UidlCheck } from './pop3-check.ts';
import { wasRefused } from './quota.ts';
import { View } from './view.ts';
import { alice, carol, quotaBytes } from './worker.ts';

const fixed = ['INBOX', 'Sent', 'Drafts', 'Junk', 'Trash', 'Archive'];
const first = fixed.map((name, at) => ({ name, validity: at + 1 }));

function brokenIn(work: (ledger: Ledger) => void): readonly string[] {
  const ledger = new Ledger();
  work(ledger);
  return ledger.broken.map(({ what }) => what.replace(/(alice|carol)@example.test/, 'A'));
}

/** Mailboxes p and p/a were made, with UIDVALIDITY 11 and 12; what a check says of others instead. */
function listed(
  rows: readonly [string, number][],
  before: (ledger: Ledger, made: readonly Box[]) => void = () => {},
) {
  return brokenIn((ledger) => {
    const made = ledger.boxes.making(alice, 'p/a');
    ledger.boxes.made(made, 'done');
    for (const [at, { id }] of made.entries()) ledger.boxes.learn(alice, id, 11 + at);
    before(ledger, made);
    ledger.boxes.check(alice, [...first, ...rows.map(([name, validity]) => ({ name, validity }))]);
  });
}

test('a mailbox that was made is there, under its name and with its UIDVALIDITY', () => {
  assert.deepEqual(
    listed([
      ['p', 11],
      ['p/a', 12],
    ]),
    [],
  );
  assert.match(listed([['p', 11]]).join(), /box2 is not there, and was to be p\/a/);
  assert.match(
    listed([
      ['p', 11],
      ['p/b', 12],
    ]).join(),
    /box2 is p\/b, and was to be p\/a/,
  );
  assert.match(
    listed([
      ['p', 11],
      ['p/a', 13],
    ]).join(),
    /p\/a \(13\) is there, and was not to be/,
  );
  assert.match(
    listed([
      ['p', 11],
      ['p/a', 12],
      ['q', 14],
    ]).join(),
    /q \(14\) is there/,
  );
  assert.ok(maxBoxes > 2);
});

test('a mailbox that was deleted stays away, and its name comes again with a higher UIDVALIDITY', () => {
  const again = (ledger: Ledger, [, below]: readonly Box[]) => {
    ledger.boxes.deleted(below as Box, 'done');
    ledger.boxes.made(ledger.boxes.making(alice, 'p/a'), 'done');
  };
  assert.deepEqual(
    listed(
      [
        ['p', 11],
        ['p/a', 13],
      ],
      again,
    ),
    [],
  );
  assert.match(
    listed(
      [
        ['p', 11],
        ['p/a', 10],
      ],
      again,
    ).join(),
    /is 10, and its name had 12 before/,
  );
  assert.match(
    listed(
      [
        ['p', 11],
        ['p/a', 12],
      ],
      again,
    ).join(),
    /UIDVALIDITY 12 was that of box2/,
  );
  const gone = (ledger: Ledger, [, below]: readonly Box[]) => ledger.boxes.deleted(below as Box, 'done');
  assert.match(
    listed(
      [
        ['p', 11],
        ['p/a', 12],
      ],
      gone,
    ).join(),
    /is there, and was not to be/,
  );
});

test('an unanswered RENAME was done for a mailbox and all below it, or for none', () => {
  const renaming = (ledger: Ledger, made: readonly Box[]) => ledger.boxes.renamed(made, 'p', 'q', 'unknown');
  assert.deepEqual(
    listed(
      [
        ['q', 11],
        ['q/a', 12],
      ],
      renaming,
    ),
    [],
  );
  assert.deepEqual(
    listed(
      [
        ['p', 11],
        ['p/a', 12],
      ],
      renaming,
    ),
    [],
  );
  assert.match(
    listed(
      [
        ['q', 11],
        ['p/a', 12],
      ],
      renaming,
    ).join(),
    /was done for 1 of 2 mailboxes/,
  );
});

test('messages go with their mailbox, and may be in either after a RENAME of INBOX', () => {
  const { hash, octets } = writeLetter('t1', 300, () => 0.5);
  const ledger = new Ledger();
  const [box] = ledger.boxes.making(alice, 'p');
  assert.ok(box);
  ledger.boxes.made([box], 'done');
  const kept = ledger.sending('t1', alice, hash, { mailbox: 'INBOX', flags: '' });
  ledger.disturb(alice, 'INBOX', box.id);
  ledger.sent(kept, 'done', 'delivery');
  assert.deepEqual(
    kept.states.map((state) => state?.mailbox),
    ['INBOX', box.id],
  );
  ledger.boxes.deleted(box, 'done');
  ledger.checkAccount(alice, [], hashOf);
  assert.deepEqual(ledger.broken, []);
  const row = { uid: 1, flags: '', sizeBytes: 1, octets, mailbox: 'INBOX', validity: 1 };
  ledger.checkAccount(alice, [row], hashOf);
  assert.match(ledger.broken.map(({ what }) => what).join(), /is in INBOX, and was gone/);
});

test('a name is subscribed as it was promised', () => {
  const subscribed = (outcome: 'done' | 'unknown', names: readonly string[]) =>
    brokenIn(({ subscriptions }) => {
      subscriptions.settle(alice, 'p', true, outcome);
      subscriptions.check(alice, names);
    });
  assert.deepEqual(
    [subscribed('done', ['p']), subscribed('unknown', []), subscribed('unknown', ['p'])],
    [[], [], []],
  );
  assert.deepEqual(subscribed('done', []), ['A: p is not subscribed, and was to be']);
});

test('a refusal for the quota is right only where there may have been no room', () => {
  const refused = (account: string, bytes: number) =>
    brokenIn((ledger) => {
      ledger.sending('t1', account, '', { mailbox: 'INBOX', flags: '' }, bytes);
      wasRefused(ledger, account, ledger.bytes(account), 'APPEND');
    });
  assert.deepEqual(refused(carol, quotaBytes + 1), []);
  assert.match(refused(carol, quotaBytes).join(), /refused at 100000 of 100000/);
  assert.match(refused(alice, quotaBytes + 1).join(), /there is none/);
});

test('who had no room is told of, if others got the message', () => {
  const ledger = new Ledger();
  const outbound = new OutboundLedger();
  const copy = ledger.sending('t1', carol, '', { mailbox: 'INBOX', flags: '' });
  outbound.mayBeTold('s-t1@example.org', copy, true);
  ledger.sent(copy, 'unknown', 'delivery');
  ledger.checkAccount(carol, [], hashOf);
  outbound.decideNotices();
  assert.equal(outbound.checkNotices([], new Set()).length, 1);
  assert.deepEqual(outbound.checkNotices([], new Set(['s-t1@example.org'])), []);
});

test('a client that looks on sees numbers that cannot be, and what it does not know', () => {
  const tell = (...lines: readonly string[]) => {
    const view = new View();
    view.apply(lines.map((text) => ({ text, literals: [] })));
    return view;
  };
  const known = ['* 2 EXISTS', '* 1 FETCH (UID 5 FLAGS ())', '* 2 FETCH (UID 7 FLAGS (b \\Recent a))'];
  assert.equal(tell(...known, '* 1 EXPUNGE').text, '7 (a b)');
  assert.equal(tell(...known, '* 3 EXISTS').unknown, 3);
  assert.throws(() => tell(...known, '* 3 EXPUNGE'), /EXPUNGE of 3, where 2 are/);
  assert.throws(() => tell(...known, '* 1 EXISTS'), /EXISTS 1, where 2 were/);
  assert.throws(() => tell(...known, '* 1 FETCH (UID 6)'), /number 1 was UID 5 and is 6/);
});

test('a UIDL names one message, and a message has one UIDL', () => {
  const inbox = { validity: 1, uids: [5, 7] };
  const compared = (...lists: readonly (readonly string[])[]) =>
    brokenIn((ledger) => {
      const check = new UidlCheck(ledger);
      for (const uidls of lists) check.compare(alice, inbox, uidls);
    });
  assert.deepEqual(compared(['a', 'b'], ['a', 'b', 'c']), []);
  assert.match(compared(['a']).join(), /lists 1 messages, IMAP 2/);
  assert.match(compared(['a', 'b'], ['a', 'c']).join(), /1\/7 was b and is c/);
  assert.match(compared(['a', 'a']).join(), /a was 1\/5 and is 1\/7/);
});
