/** Who is left alone, for how long, and that one session at a time looks whether it is back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRetryPolicy } from '../../mail/transfer/schedule.ts';
import { SilentHosts } from './silent-hosts.ts';

const clock = { nowMs: 0 };
const open = (delaysMs = defaultRetryPolicy.delaysMs) => new SilentHosts(() => clock.nowMs, { delaysMs });

test('after a time-out the address is left alone for two minutes, then tried by one', async () => {
  const hosts = open();
  (await hosts.begin('a'))?.ended(true);
  assert.equal(await hosts.begin('a'), undefined);
  assert.ok(await hosts.begin('b'));
  clock.nowMs += 120_000;
  const probe = await hosts.begin('a');
  assert.ok(probe);
  assert.equal(await hosts.begin('a'), undefined, 'one at a time');
  probe.spoke();
  probe.ended(false);
  assert.ok(await hosts.begin('a'));
});

test('who is waited for gets no more sessions after three seconds, until it speaks', async () => {
  const hosts = open();
  const sessions = [await hosts.begin('a'), await hosts.begin('a')];
  clock.nowMs += 2999;
  assert.ok(await hosts.begin('a'));
  clock.nowMs += 1;
  assert.equal(await hosts.begin('a'), undefined);
  for (const session of sessions) session?.spoke();
  assert.ok(await hosts.begin('a'), 'the third has waited for a millisecond only');
});

test('four wait at once; the others go on as soon as there is a word, and give up after their patience', async () => {
  const open = (patienceMs: number) =>
    new SilentHosts(() => performance.now(), defaultRetryPolicy, patienceMs);
  const hosts = open(60_000);
  const quick = Array.from({ length: 20 }, async () => {
    const session = await hosts.begin('quick');
    setImmediate(() => session?.spoke());
    return session;
  });
  assert.ok((await Promise.all(quick)).every((session) => session !== undefined));
  const impatient = open(20);
  const slow = await Promise.all(Array.from({ length: 20 }, () => impatient.begin('slow')));
  assert.equal(slow.filter((session) => session !== undefined).length, 4);
});

test('other ends than a time-out leave nothing behind', async () => {
  const hosts = open();
  (await hosts.begin('a'))?.ended(false);
  clock.nowMs += 10_000;
  assert.ok(await hosts.begin('a'));
});

test('a retry never meets the memory of its own first attempt', async () => {
  const hosts = open([2000]);
  (await hosts.begin('a'))?.ended(true);
  clock.nowMs += 1800;
  assert.ok(await hosts.begin('a'));
});
