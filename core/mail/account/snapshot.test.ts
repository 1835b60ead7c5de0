// Snapshots: both ways, golden octets, the same octets for the same state, and damage of every kind.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { emptyState, fold, inboxId } from './apply.ts';
import { decideExpunge } from './decide-expunge.ts';
import { decideStore } from './decide-store.ts';
import { sentId } from './opening.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';
import { fact, plainState, TestAccount } from './testkit.ts';

function sample(): TestAccount {
  const account = new TestAccount();
  for (let n = 1; n <= 6; n++) account.append([fact(n, n % 2 ? ['\\Seen', `k${n}`] : [])]);
  account.append([fact(7)], sentId);
  account.commit(
    decideStore(account.state, { mailbox: inboxId, uids: [[1, 3]], mode: 'set', flags: ['x'] }).decision,
  );
  account.commit(decideExpunge(account.state, inboxId, [[3, 4]], { anyFlags: true }));
  return account;
}

test('a snapshot holds all of the state, and folding goes on from it', () => {
  const account = sample();
  const decoded = decodeSnapshot(encodeSnapshot(account.state));
  assert.ok(decoded !== undefined);
  assert.deepEqual(plainState(decoded), plainState(account.state));
  const length = account.log.length;
  account.append([fact(8)]);
  account.commit(decideExpunge(account.state, inboxId, [[1, 2]], { anyFlags: true }));
  assert.deepEqual(plainState(fold(decoded, account.log.slice(length))), plainState(account.state));
});

test('the same state gives the same octets, whichever way it was folded', () => {
  const account = sample();
  const octets = encodeSnapshot(account.state);
  assert.ok(octets.every((octet, at) => octet === encodeSnapshot(fold(emptyState, account.log))[at]));
  const middle = decodeSnapshot(encodeSnapshot(fold(emptyState, account.log.slice(0, 5))));
  assert.ok(middle !== undefined);
  assert.deepEqual(encodeSnapshot(fold(middle, account.log.slice(5))), octets);
});

// Golden since version 1: such objects are in buckets; change the code, never these.
test('golden octets', () => {
  const account = new TestAccount();
  account.append([fact(1, ['\\Seen'])]);
  const octets = Buffer.from(encodeSnapshot(account.state));
  assert.equal(octets.subarray(0, 8).toString(), 'PFSNAP01');
  const segment = octets.subarray(16 + octets.readUInt32LE(8));
  assert.equal(
    segment.toString('hex'),
    '00004040fc54d941' +
      '0000000000405940' +
      '0000000000000040' +
      '01000000' +
      '00000000' +
      '018bcfe56be870008000000000000001',
  );
  assert.equal(
    createHash('sha256').update(octets).digest('hex'),
    'bd228d735afa4b43327d60306ea4afc83db5720c58fbde93847a184d8e8035c3',
  );
});

test('damage anywhere is noticed, and other versions are left alone', () => {
  const octets = encodeSnapshot(sample().state);
  for (let at = 0; at < octets.length; at++) {
    const damaged = Uint8Array.from(octets);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    assert.equal(decodeSnapshot(damaged), undefined, `octet ${at}`);
  }
  for (let length = 0; length < octets.length; length += 7)
    assert.equal(decodeSnapshot(octets.subarray(0, length)), undefined, `length ${length}`);
});

test('an empty state, and one that lies anywhere in memory', () => {
  const decoded = decodeSnapshot(encodeSnapshot(emptyState));
  assert.ok(decoded !== undefined);
  assert.deepEqual(plainState(decoded), plainState(emptyState));
  const octets = encodeSnapshot(sample().state);
  const shifted = new Uint8Array(octets.length + 3);
  shifted.set(octets, 3);
  assert.ok(decodeSnapshot(shifted.subarray(3)) !== undefined);
});
