import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentDay } from './sent-day.ts';

test('the day as it is written, whatever the zone', () => {
  const day = Date.UTC(1994, 1, 7) / 86_400_000;
  for (const date of [
    'Mon, 7 Feb 1994 23:52:25 -0800',
    '07 FEB 94 00:00 GMT',
    '7 February 1994',
    'x 7 Feb 094',
  ]) {
    assert.equal(sentDay(date), day, date);
  }
  assert.equal(sentDay('7 Feb 26'), Date.UTC(2026, 1, 7) / 86_400_000);
  for (const date of ['', 'yesterday', '7 Foo 1994', '1994-02-07'])
    assert.equal(sentDay(date), undefined, date);
});
