// Ids: their form, their time, their order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstMessageIdAt, isMessageId, timeOfMessageId } from '../mail/account/message-id.ts';
import { systemIds } from './ids.ts';

test('message ids are UUIDv7 of the clock, in order of time', () => {
  let nowMs = 1_700_000_000_123;
  const ids = systemIds({ now: () => nowMs });
  const first = ids.messageId();
  assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(isMessageId(first));
  assert.equal(timeOfMessageId(first), nowMs);
  nowMs++;
  const second = ids.messageId();
  assert.ok(first < second);
  assert.ok(firstMessageIdAt(nowMs) <= second && firstMessageIdAt(nowMs) > first);
});

test('the other ids never repeat and have no character that keys are cut at', () => {
  const ids = systemIds({ now: () => 0 });
  const made = Array.from({ length: 1000 }, () => [ids.entryId(), ids.mailboxId()]).flat();
  assert.equal(new Set(made).size, 2000);
  assert.ok(made.every((id) => /^[A-Za-z0-9_-]{17,22}$/.test(id)));
  const random = ids.random();
  assert.ok(random >= 0 && random < 1);
});
