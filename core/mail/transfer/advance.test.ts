/** The life of a job step by step, with time and chance given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance } from './advance.ts';
import { type DeliveryOutcome, outcomeOfReply, outcomeOfTrouble } from './outcome.ts';
import { defaultRetryPolicy } from './schedule.ts';
import { testJob } from './testdata.ts';

const policy = { ...defaultRetryPolicy, delaysMs: [2000, 4000], warnAfterMs: 10_000 };
const good = outcomeOfReply({ code: 250, text: '2.0.0 queued' }, 'message', 'mx');
const bad = outcomeOfReply({ code: 550, text: '5.1.1 no' }, 'rcpt', 'mx');
const later = outcomeOfTrouble('unreachable', 'connection refused', 'mx');
const start = 1_000_000;
const step = (
  job: ReturnType<typeof testJob>,
  outcomes: readonly (DeliveryOutcome | undefined)[],
  nowMs: number,
) => advance(job, outcomes, nowMs, policy, 0.5);

test('all delivered ends the job', () => {
  const { job, failed, delayed } = step(testJob(), [good, good], start);
  assert.equal(job.state, 'done');
  assert.ok(!('dueAtMs' in job));
  assert.deepEqual([failed, delayed], [[], []]);
});

test('mixed results: the failed one is told at once, the deferred one is tried again alone', () => {
  const first = step(testJob(), [bad, later], start);
  assert.equal(first.job.state, 'queued');
  assert.equal(first.job.dueAtMs, start + 2000);
  assert.deepEqual(
    first.failed.map((one) => [one.address, one.lastStatus, one.replyBy]),
    [['bob@remote.example', '5.1.1', 'remote']],
  );
  const second = step(first.job, [undefined, good], start + 2000);
  assert.equal(second.job.state, 'failed');
  assert.deepEqual(second.failed, []);
});

test('the delay is told once, and the failure at expiry', () => {
  const young = step(testJob({ expiresAtMs: start + 20_000 }), [later, later], start);
  assert.deepEqual(young.delayed, []);
  const old = step(young.job, [later, later], start + 11_000);
  assert.equal(old.delayed.length, 2);
  assert.equal(old.job.warnedAtMs, start + 11_000);
  assert.equal(old.job.dueAtMs, start + 15_000);
  const older = step(old.job, [later, later], start + 17_000);
  assert.deepEqual(older.delayed, []);
  assert.equal(older.job.dueAtMs, start + 20_000, 'the last attempt is at the expiry');
  const last = step(older.job, [later, later], start + 20_000);
  assert.equal(last.job.state, 'failed');
  assert.deepEqual(
    last.failed.map((one) => [one.lastStatus, one.lastReply]),
    [
      ['4.4.7', 'connection refused'],
      ['4.4.7', 'connection refused'],
    ],
  );
});

test('a job of the null reverse-path tells nobody', () => {
  const job = testJob({ reversePath: '', origin: 'bounce' });
  assert.deepEqual(step(job, [bad, later], start + 11_000).failed, []);
  assert.deepEqual(step(job, [later, later], start + 11_000).delayed, []);
});
