/** Who is left alone, for how long, and that one session at a time looks whether it is back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRetryPolicy } from '../../mail/transfer/schedule.ts';
import { SilentHosts } from './silent-hosts.ts';

const clock = { nowMs: 0 };
const open = (delaysMs = defaultRetryPolicy.delaysMs) => new SilentHosts(() => clock.nowMs, { delaysMs });

test('after a time-out the address is left alone for two minutes, then tried by one', () => {
  const hosts = open();
  hosts.begin('a')?.ended(true);
  assert.equal(hosts.begin('a'), undefined);
  assert.ok(hosts.begin('b'));
  clock.nowMs += 120_000;
  const probe = hosts.begin('a');
  assert.ok(probe);
  assert.equal(hosts.begin('a'), undefined, 'one at a time');
  probe.spoke();
  probe.ended(false);
  assert.ok(hosts.begin('a'));
});

test('who is waited for gets no more sessions after three seconds, until it speaks', () => {
  const hosts = open();
  const sessions = [hosts.begin('a'), hosts.begin('a')];
  clock.nowMs += 2999;
  const third = hosts.begin('a');
  assert.ok(third);
  clock.nowMs += 1;
  assert.equal(hosts.begin('a'), undefined);
  for (const session of sessions) session?.spoke();
  assert.ok(hosts.begin('a'), 'the third has waited for a millisecond only');
});

test('other ends than a time-out leave nothing behind', () => {
  const hosts = open();
  hosts.begin('a')?.ended(false);
  clock.nowMs += 10_000;
  assert.ok(hosts.begin('a'));
});

test('a retry never meets the memory of its own first attempt', () => {
  const hosts = open([2000]);
  hosts.begin('a')?.ended(true);
  clock.nowMs += 1800;
  assert.ok(hosts.begin('a'));
});
