// The reaper as it is put together for the Lambda and for one process, and its settings.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openReaper, type ReaperWorld } from '../../test/support/reaper-world.ts';
import { accountKey, bucket } from '../../test/support/stores.ts';
import { createReaper } from './reaper.ts';
import { readReapSettings } from './settings.ts';

let world: ReaperWorld;
before(async () => {
  world = await openReaper();
});
after(() => world.stores.close());

test('a run over the real stores', async () => {
  await world.newTenant('acme');
  const anna = await world.openAccount(accountKey('anna'));
  const [gone, kept] = [await world.deliver(anna), await world.deliver(accountKey('nobody'))];
  await world.expungeAll(anna);
  const settings = readReapSettings({ POSTFOLD_BUCKET: bucket, POSTFOLD_UNDELETE_DAYS: '2' });
  const { clients, clock } = world.stores;
  const run = createReaper(clients, settings, clock, (_, cause) => assert.fail(String(cause)));
  assert.equal((await run(1000)).records, 0);
  await clock.advance(3 * 24 * 3_600_000);
  const report = await run(1000);
  assert.deepEqual([report.accounts, report.records, report.finished], [1, 1, true]);
  assert.equal(await world.remains(gone, anna), '');
  assert.equal(await world.remains(kept, anna), 'body');
});

test('settings: what is missing or wrong is named', () => {
  const read = (env: Record<string, string>) => readReapSettings({ POSTFOLD_BUCKET: 'b', ...env });
  assert.deepEqual(read({ POSTFOLD_TABLE_PREFIX: 'x-' }), {
    tablePrefix: 'x-',
    bucket: 'b',
    undeleteWindowMs: 30 * 86_400_000,
    logRetentionMs: 180 * 86_400_000,
  });
  assert.equal(read({ POSTFOLD_UNDELETE_DAYS: '400' }).logRetentionMs, 400 * 86_400_000);
  assert.throws(() => readReapSettings({}), /POSTFOLD_BUCKET/);
  assert.throws(() => read({ POSTFOLD_UNDELETE_DAYS: '1' }), /POSTFOLD_UNDELETE_DAYS/);
  assert.throws(() => read({ POSTFOLD_LOG_DAYS: 'x' }), /POSTFOLD_LOG_DAYS/);
  assert.throws(() => read({ POSTFOLD_LOG_DAYS: '20' }), /less than/);
});
