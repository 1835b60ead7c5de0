import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, openDirectory } from '../../test/support/directory.ts';
import { addAccount, removeAccount } from '../service/provision/accounts.ts';
import { addDomain, removeDomain } from '../service/provision/domains.ts';
import { addTenant, removeTenant } from '../service/provision/tenants.ts';
import { DirectoryAccountLister } from './account-lister.ts';

test('accounts of all tenants, and removed ones until they are forgotten, even of a removed tenant', async () => {
  const { provision, store, clock } = await openDirectory();
  for (const tenant of ['one', 'two', 'empty']) done(await addTenant(provision, tenant));
  for (const [domain, tenant] of [
    ['one.test', 'one'],
    ['two.test', 'two'],
  ] as const) {
    done(await addDomain(provision, domain, tenant));
    for (const name of ['a', 'b'])
      done(await addAccount(provision, { address: `${name}@${domain}`, quotaBytes: 0 }));
  }
  done(await removeTenant(provision, 'empty'));
  const lister = new DirectoryAccountLister(store);
  const names = async () =>
    (await Array.fromAsync(lister.accounts())).map(({ tenant, account }) => `${tenant} ${account}`);
  assert.deepEqual((await names()).sort(), ['one a1', 'one a2', 'two a3', 'two a4']);
  done(await removeAccount(provision, 'b@one.test'));
  assert.deepEqual((await names()).sort(), ['one a1', 'two a3', 'two a4']);
  done(await removeAccount(provision, 'a@one.test'));
  done(await removeDomain(provision, 'one.test'));
  done(await removeTenant(provision, 'one'));
  const removed = await Array.fromAsync(lister.removed());
  const { nowMs: removedAtMs } = clock;
  assert.deepEqual(removed, [
    { account: { tenant: 'one', account: 'a1' }, removedAtMs },
    { account: { tenant: 'one', account: 'a2' }, removedAtMs },
  ]);
  for (const { account } of [...removed, ...removed]) await lister.forget(account);
  assert.deepEqual(await Array.fromAsync(lister.removed()), []);
});
