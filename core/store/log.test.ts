// Table Log through the real SDK: races, lost answers, pages, trimming, and what each costs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../test/support/stores.ts';
import type { Entry } from '../mail/account/entry.ts';
import { openingEntry } from '../mail/account/opening.ts';
import type { EntryId, ModSeq } from '../mail/ids.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

function entry(modSeq: number, id = `e${modSeq}`): Entry {
  const opening = openingEntry(id as EntryId, 1_700_000_000_000);
  return { ...opening, modSeq: modSeq as ModSeq };
}

test('the first put at a number wins, the other is given the winner, in one request each', async () => {
  const account = accountKey('race');
  assert.equal(await stores.log.head(account), undefined);
  assert.deepEqual(await stores.log.append(account, entry(1)), { won: true });
  assert.deepEqual(
    await stores.requests(async () => {
      assert.deepEqual(await stores.log.append(account, entry(1, 'other')), { won: false, winner: entry(1) });
    }),
    ['PutItem Log'],
  );
  assert.deepEqual(await stores.requests(() => stores.log.append(account, entry(2))), ['PutItem Log']);
  assert.deepEqual(
    await stores.requests(async () => assert.deepEqual(await stores.log.head(account), entry(2))),
    ['Query Log'],
  );
});

test('a put whose answer was lost is known by its entryId', async () => {
  const account = accountKey('lost');
  stores.cloud.faults.add({ service: 'dynamodb', operation: 'PutItem', kind: 'lost', times: 1 });
  assert.deepEqual(await stores.log.append(account, entry(1)), { won: true });
  assert.equal((await stores.log.read(account, 0, 10)).length, 1);
});

test('the tail is read in order, over pages, up to a limit', async () => {
  const account = accountKey('tail');
  for (let n = 1; n <= 12; n++) await stores.log.append(account, entry(n, 'x'.repeat(130_000)));
  const numbers = async (from: number, limit: number) =>
    (await stores.log.read(account, from as ModSeq, limit)).map(({ modSeq }) => modSeq);
  assert.deepEqual(await numbers(0, 100), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual(await numbers(9, 2), [10, 11]);
  assert.deepEqual(await numbers(12, 2), []);
});

test('trimming takes the oldest first', async () => {
  const account = accountKey('trim');
  for (let n = 1; n <= 40; n++) await stores.log.append(account, entry(n));
  assert.equal(await stores.log.trim(account, 35 as ModSeq, 30), 30);
  assert.equal((await stores.log.read(account, 0, 1))[0]?.modSeq, 31);
  assert.equal(await stores.log.trim(account, 35 as ModSeq, 30), 5);
  assert.equal(await stores.log.trim(account, 35 as ModSeq, 30), 0);
});
