// Packs in the bucket: all of them are listed, and what is deleted for good is in none, whoever else is at it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountKey, openStores, type TestStores } from '../../../test/support/stores.ts';
import { messageId } from '../../mail/account/testkit.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import { PackWriter } from '../../mail/pack/pack-writer.ts';
import { RecordPack } from '../../mail/pack/record-pack.ts';
import { forgetInPacks, listPacks, packKey, packPrefix, readPack } from './packs.ts';
import { minPackRecords } from './settings.ts';
import { sampleRecord } from './testkit.ts';

let stores: TestStores;
before(async () => {
  stores = await openStores();
});
after(() => stores.close());

function packOf(account: AccountKey, ids: readonly MessageId[]): { key: string; octets: Uint8Array } {
  const writer = new PackWriter();
  for (const id of ids) assert.ok(writer.add(sampleRecord(id, account)));
  const octets = writer.finish();
  const pack = RecordPack.open(octets);
  assert.ok(pack !== undefined);
  return { key: packKey(account, pack), octets };
}

async function idsInPacks(account: AccountKey): Promise<ReadonlySet<MessageId>> {
  const ids = new Set<MessageId>();
  for (const { key } of await listPacks(stores.bodies, account))
    for (const record of (await readPack(stores.bodies, key))?.all() ?? []) ids.add(record.messageId);
  return ids;
}

test('packs beyond the first thousand are found too', async () => {
  const account = accountKey('many');
  const id = (n: number) => messageId(n);
  const keys = Array.from({ length: 1000 }, (_, n) => `${packPrefix(account)}${id(n)}_${id(n)}_1_0`);
  await Promise.all(keys.map((key) => stores.bodies.put(key, Buffer.from('no pack'))));
  const { key, octets } = packOf(account, [id(2000)]);
  await stores.bodies.put(key, octets);
  assert.equal((await listPacks(stores.bodies, account)).length, 1001);
  await forgetInPacks(stores.bodies, account, [id(2000)]);
  assert.deepEqual(await idsInPacks(account), new Set());
});

test('two that forget at the same time do not bring back what the other took out', async () => {
  const account = accountKey('busy');
  const ids = Array.from({ length: minPackRecords }, (_, n) => messageId(n));
  const { key, octets } = packOf(account, ids);
  await stores.bodies.put(key, octets);
  const gone = [100, 200, 300].map(messageId);
  await Promise.all(gone.map((id) => forgetInPacks(stores.bodies, account, [id])));
  const left = await idsInPacks(account);
  assert.deepEqual(
    gone.filter((id) => left.has(id)),
    [],
  );
});

test('a pack that cannot be read goes when something that may be in it does', async () => {
  const account = accountKey('damaged');
  const { key, octets } = packOf(account, [1, 2, 3].map(messageId));
  await stores.bodies.put(key, octets.subarray(0, -1));
  await forgetInPacks(stores.bodies, account, [messageId(4)]);
  assert.equal((await listPacks(stores.bodies, account)).length, 1);
  await forgetInPacks(stores.bodies, account, [messageId(2)]);
  assert.deepEqual(await listPacks(stores.bodies, account), []);
});
