import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuessingLimiter } from './guessing-limiter.ts';
import { clientKey, loginKey } from './keys.ts';
import * as limits from './limits.ts';

const start = 1_800_000_000_000;
const [here, there] = ['192.0.2.1', '198.51.100.9'];

function guess(limiter: GuessingLimiter, times: number, address = here, nowMs = start): number {
  let admitted = 0;
  for (let n = 0; n < times; n++) {
    const login = `user${n}@example.test`;
    if (limiter.admit(address, login, nowMs).kind === 'held-off') continue;
    admitted += 1;
    limiter.failed(address, login, nowMs);
  }
  return admitted;
}

test('an address that guesses is held off, whatever login it tries, and others are not', () => {
  const limiter = new GuessingLimiter();
  assert.equal(guess(limiter, 100), limits.maxClientFailures);
  assert.equal(limiter.admit(here, 'fresh@example.test', start).kind, 'held-off');
  assert.equal(limiter.admit(there, 'user1@example.test', start).kind, 'admitted');
});

test('it may try again when it was told, once, and guesses no faster than that for ever', () => {
  const limiter = new GuessingLimiter();
  guess(limiter, 100);
  const told = limiter.admit(here, 'x', start);
  assert.ok(told.kind === 'held-off');
  const later = start + told.retryMs;
  assert.equal(guess(limiter, 100, here, later), 1);
  let admitted = 0;
  for (let ms = 0; ms < 3_600_000; ms += 1000) admitted += guess(limiter, 1, here, later + ms);
  assert.ok(admitted <= 3_600_000 / limits.clientForgivenessMs, `${admitted} guesses in an hour`);
});

test('guesses that were under way together are paid for later', () => {
  const limiter = new GuessingLimiter();
  for (let n = 0; n < 60; n++) limiter.failed(here, `u${n}`, start);
  const told = limiter.admit(here, 'x', start);
  assert.equal(told.kind === 'held-off' && told.retryMs, 41 * limits.clientForgivenessMs);
});

test('a right password forgives what that login cost, not what others did', () => {
  const limiter = new GuessingLimiter();
  for (let n = 0; n < 15; n++) limiter.failed(here, 'clumsy@example.test', start);
  limiter.succeeded(here, 'clumsy@example.test', start);
  assert.equal(guess(limiter, 100), limits.maxClientFailures);
  limiter.succeeded(here, 'own@example.test', start);
  assert.equal(limiter.admit(here, 'victim@example.test', start).kind, 'held-off');
});

test('who was right at an address before stays welcome there, and is limited for himself', () => {
  const limiter = new GuessingLimiter();
  limiter.succeeded(here, 'colleague@example.test', start);
  guess(limiter, 100);
  assert.deepEqual(limiter.admit(here, 'colleague@example.test', start), { kind: 'admitted', delayMs: 0 });
  for (let n = 0; n < limits.maxClientFailures; n++) limiter.failed(here, 'colleague@example.test', start);
  assert.equal(limiter.admit(here, 'colleague@example.test', start).kind, 'held-off');
});

test('a login guessed from everywhere is slowed, never shut, and not at all where it is at home', () => {
  const limiter = new GuessingLimiter();
  const owner = 'owner@example.test';
  limiter.succeeded(here, owner, start);
  for (let n = 0; n < 10_000; n++) limiter.failed(`203.0.${n >> 8}.${n & 255}`, owner, start);
  assert.deepEqual(limiter.admit(there, owner, start), {
    kind: 'admitted',
    delayMs: limits.maxLoginDelayMs,
  });
  assert.deepEqual(limiter.admit(here, owner, start), { kind: 'admitted', delayMs: 0 });
  assert.deepEqual(limiter.admit(there, owner, start + 3 * 3_600_000), { kind: 'admitted', delayMs: 0 });
});

test('memory is bounded whatever comes', () => {
  const limiter = new GuessingLimiter();
  for (let n = 0; n < 30_000; n++) {
    limiter.failed(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, `${n}@${'x'.repeat(300)}`, start);
    limiter.succeeded(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 'me', start);
  }
  assert.ok(limiter.size <= 4 * limits.maxRemembered, `${limiter.size}`);
});

test('an IPv6 client is its /64, an IPv4 client its address, a login all its spellings', () => {
  assert.equal(clientKey('2001:db8:1:2::1'), clientKey('2001:db8:1:2:ffff:1:2:3'));
  assert.notEqual(clientKey('2001:db8:1:2::1'), clientKey('2001:db8:1:3::1'));
  assert.equal(clientKey('::ffff:192.0.2.1'), clientKey('192.0.2.1'));
  assert.notEqual(clientKey('192.0.2.1'), clientKey('192.0.2.2'));
  assert.equal(clientKey(''), '');
  assert.equal(loginKey('Ann@Bücher.example'), loginKey('ann@xn--bcher-kva.example'));
  assert.equal(loginKey('x'.repeat(5_000_000)).length, 22);
});
