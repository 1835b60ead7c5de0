import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword } from './argon2id.ts';
import { PasswordChecksBusy, Slots } from './slots.ts';
import { PasswordVerifier, verifierLimits } from './verifier.ts';

const quick = { memoryKib: 64, passes: 1, parallelism: 1 };

test('right, wrong and unknown', async () => {
  const verifier = new PasswordVerifier(() => 0);
  const stored = await hashPassword('secret', quick);
  assert.equal(await verifier.verify(stored, 'secret'), true);
  assert.equal(await verifier.verify(stored, 'Secret'), false);
  assert.equal(await verifier.verify(undefined, 'secret'), false);
});

test('a remembered pair costs no hashing, until its time is over', async () => {
  let now = 0;
  // No slot at all and no queue: whatever needs argon2 fails.
  const verifier = new PasswordVerifier(() => now, { ...verifierLimits, concurrent: 1, waiting: 0 });
  const stored = await hashPassword('secret');
  assert.equal(await verifier.verify(stored, 'secret'), true);
  const other = verifier.verify(await hashPassword('x'), 'y'); // holds the only slot
  assert.equal(await verifier.verify(stored, 'secret'), true);
  now = verifierLimits.rememberMs;
  await assert.rejects(verifier.verify(stored, 'secret'), PasswordChecksBusy);
  await other;
});

test('a new stored hash forgets the old pair', async () => {
  const verifier = new PasswordVerifier(() => 0);
  assert.equal(await verifier.verify(await hashPassword('old', quick), 'old'), true);
  assert.equal(await verifier.verify(await hashPassword('new', quick), 'old'), false);
});

test('slots run so many at a time, in order, and refuse past the queue', async () => {
  const slots = new Slots(1, 1);
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = slots.run(async () => {
    await gate.promise;
    order.push('first');
  });
  const second = slots.run(async () => void order.push('second'));
  await assert.rejects(
    slots.run(async () => void order.push('third')),
    PasswordChecksBusy,
  );
  gate.resolve();
  await Promise.all([first, second]);
  await slots.run(async () => void order.push('later'));
  assert.deepEqual(order, ['first', 'second', 'later']);
});
