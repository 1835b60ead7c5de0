import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fake-clock.ts';
import { Storage } from '../storage.ts';
import { AsyncInvocations } from './async-invocations.ts';
import { Functions } from './functions.ts';

test('an event whose end cannot be written down is reported, and nothing else falls', async () => {
  const storage = new Storage(':memory:');
  const clock = new FakeClock();
  const functions = new Functions(clock);
  const reported = Promise.withResolvers<string>();
  const events = new AsyncInvocations({
    storage,
    clock,
    functions,
    ran: () => {},
    onDropped: () => reported.reject(new Error('dropped')),
    onProblem: (problem) => reported.resolve(problem),
  });
  functions.register('f', { handler: async () => storage.db.exec('DROP TABLE lambda_events') });
  const id = await events.add('f', Buffer.from('{}'));
  assert.equal(await reported.promise, `event ${id} for f could not be settled`);
  await events.close();
  await storage.close();
});
