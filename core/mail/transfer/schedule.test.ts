/** The retry schedule: order, repetition, jitter, and the texts of the settings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRetryPolicy, parseDurationMs, parseRetryDelays, retryDelayMs } from './schedule.ts';

const policy = { ...defaultRetryPolicy, delaysMs: [2000, 4000] };

test('the pauses come in order and the last one repeats', () => {
  assert.deepEqual(
    [1, 2, 3, 99].map((n) => retryDelayMs(policy, n, 0.5)),
    [2000, 4000, 4000, 4000],
  );
});

test('chance spreads a pause by ten percent either way', () => {
  assert.equal(retryDelayMs(policy, 1, 0), 1800);
  assert.equal(retryDelayMs(policy, 1, 0.999999), 2200);
});

test('a remote may ask for a longer pause, up to a day', () => {
  assert.equal(retryDelayMs(policy, 1, 0.5, 60_000), 60_000);
  assert.equal(retryDelayMs(policy, 2, 0.5, 1), 4000);
  assert.equal(retryDelayMs(policy, 1, 0.5, 1e12), 24 * 3_600_000);
});

test('durations and lists of them are read, and nothing else', () => {
  assert.deepEqual(parseRetryDelays('2s,5m, 4h'), [2000, 300_000, 14_400_000]);
  assert.equal(parseDurationMs('5d'), 432_000_000);
  for (const bad of ['', '5', 's', '0s', '-1s', '2s,', '1.5s', '9d', '2s;3s'])
    assert.equal(parseRetryDelays(bad), undefined, bad);
});
