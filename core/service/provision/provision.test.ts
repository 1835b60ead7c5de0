import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, openDirectory, refusal } from '../../../test/support/directory.ts';
import { addAccount, listAccounts, removeAccount, setForwards, setQuota, showAccount } from './accounts.ts';
import { addAlias, listAliases, removeAlias } from './aliases.ts';
import { addAppPassword, listAppPasswords, removeAppPassword, setPassword } from './credentials.ts';
import { addDkimKey, listDkimKeys, removeDkimKey } from './dkim.ts';
import { addDomain, listDomains, removeDomain, setCatchAll, setPostmaster, showDomain } from './domains.ts';
import { addTenant, listTenants, removeTenant } from './tenants.ts';

async function acme() {
  const opened = await openDirectory();
  done(await addTenant(opened.provision, 'acme'));
  done(await addDomain(opened.provision, 'example.test', 'acme'));
  return opened;
}

const carol = { address: 'Carol@Example.test', quotaBytes: 5e9 };

test('tenant, domain, account: each is there after it was added, and only once', async () => {
  const { provision, opened } = await acme();
  const made = done(await addAccount(provision, carol));
  assert.equal(made.address, 'carol@example.test');
  assert.deepEqual(opened, [{ tenant: 'acme', account: 'a1' }]);
  assert.equal(done(await showAccount(provision, 'carol@EXAMPLE.test')).record.quotaBytes, 5e9);
  assert.match(refusal(await addTenant(provision, 'acme')), /exists already/);
  assert.match(refusal(await addDomain(provision, 'example.test')), /exists already/);
  assert.match(refusal(await addAccount(provision, carol)), /is an account already/);
  assert.equal(opened.length, 1, 'a refused account opens no log');
  assert.deepEqual(
    (await listTenants(provision)).map(({ tenant, domains }) => [tenant, domains]),
    [['acme', 1]],
  );
});

test('a domain belongs to one tenant', async () => {
  const { provision } = await acme();
  done(await addTenant(provision, 'other'));
  assert.match(refusal(await addDomain(provision, 'example.test', 'other')), /belongs to another tenant/);
  assert.match(refusal(await addDomain(provision, 'more.test')), /several tenants/);
  assert.match(
    refusal(await addAccount(provision, { ...carol, tenant: 'other' })),
    /another tenant than other/,
  );
  assert.match(
    refusal(await addAccount(provision, { ...carol, address: 'carol@foreign.test' })),
    /no domain of ours/,
  );
});

test('two who take one address at once: one gets it, the other is told', async () => {
  const { provision } = await acme();
  const outcomes = await Promise.all([addAccount(provision, carol), addAccount(provision, carol)]);
  assert.equal(outcomes.filter((outcome) => 'done' in outcome).length, 1);
  assert.equal(done(await listAccounts(provision, {})).length, 1);
  assert.equal(done(await showDomain(provision, 'example.test')).record.addresses, 1);
});

test('what still has something in it is not removed', async () => {
  const { provision } = await acme();
  done(await addAccount(provision, carol));
  assert.match(refusal(await removeTenant(provision, 'acme')), /still has 1 domain/);
  assert.match(refusal(await removeDomain(provision, 'example.test')), /still has 1 account/);
  done(await removeAccount(provision, carol.address));
  done(await removeDomain(provision, 'example.test'));
  done(await removeTenant(provision, 'acme'));
  assert.deepEqual(await listTenants(provision), []);
});

test('a removed account leaves its mark, and its address can be given to a new one', async () => {
  const { provision, store } = await acme();
  const first = done(await addAccount(provision, carol));
  done(await removeAccount(provision, carol.address));
  const marks = await Array.fromAsync(store.records(first.tenant, 'removed#'));
  assert.deepEqual(
    marks.map((mark) => mark.kind === 'removed' && [mark.account, mark.address]),
    [['a1', 'carol@example.test']],
  );
  assert.equal(done(await addAccount(provision, carol)).account, 'a2');
});

test('the first account is postmaster, and the next oldest after it', async () => {
  const { provision, clock } = await acme();
  for (const name of ['carol', 'dave', 'alice']) {
    clock.nowMs += 1000;
    done(await addAccount(provision, { address: `${name}@example.test`, quotaBytes: 0 }));
  }
  const postmaster = async () => done(await showDomain(provision, 'example.test')).route.postmaster;
  assert.equal(await postmaster(), 'carol@example.test');
  done(await setCatchAll(provision, 'example.test', 'carol@example.test'));
  done(await removeAccount(provision, 'carol@example.test'));
  assert.equal(await postmaster(), 'dave@example.test');
  assert.equal(done(await showDomain(provision, 'example.test')).route.catchAll, undefined);
  done(await setPostmaster(provision, 'example.test', 'alice@example.test'));
  assert.equal(await postmaster(), 'alice@example.test');
  assert.equal(done(await listDomains(provision))[0]?.postmaster, 'alice@example.test');
});

test('quota and forwards reach the route', async () => {
  const { provision, store } = await acme();
  done(await addAccount(provision, carol));
  done(await setQuota(provision, carol.address, 1000));
  done(await setForwards(provision, carol.address, ['x@else.test', 'X@else.test'], false));
  const route = (await store.routes(['carol@example.test'], true)).get('carol@example.test');
  assert.ok(route?.kind === 'account');
  assert.deepEqual([route.quotaBytes, route.forwards, route.keepCopy], [1000, ['x@else.test'], false]);
  done(await setForwards(provision, carol.address, [], false));
  assert.equal(done(await showAccount(provision, carol.address)).record.keepCopy, true);
  assert.match(refusal(await setForwards(provision, carol.address, ['carol@example.test'], true)), /itself/);
});

test('aliases are made, changed, listed and removed', async () => {
  const { provision, store } = await acme();
  done(await addAlias(provision, 'Sales@example.test', ['carol@example.test'], false));
  assert.match(
    refusal(await addAlias(provision, 'sales@example.test', ['b@x.test'], false)),
    /an alias already/,
  );
  done(await addAlias(provision, 'sales@example.test', ['b@x.test'], true));
  assert.deepEqual(done(await listAliases(provision, 'acme'))[0]?.targets, ['b@x.test']);
  assert.match(refusal(await addAccount(provision, { ...carol, address: 'sales@example.test' })), /an alias/);
  assert.match(
    refusal(await addAlias(provision, 'loop@example.test', ['loop@example.test'], false)),
    /itself/,
  );
  done(await removeAlias(provision, 'sales@example.test'));
  assert.equal((await store.routes(['sales@example.test'], true)).size, 0);
  assert.match(refusal(await removeAlias(provision, 'sales@example.test')), /no alias of ours/);
});

test('passwords and app passwords are kept as hashes and listed by name', async () => {
  const { provision } = await acme();
  done(await addAccount(provision, carol));
  assert.match(refusal(await setPassword(provision, carol.address, 'short')), /shorter than 8/);
  done(await setPassword(provision, carol.address, 'long enough'));
  const { text } = done(await addAppPassword(provision, carol.address, 'phone'));
  assert.match(refusal(await addAppPassword(provision, carol.address, 'phone')), /already/);
  const { record } = done(await showAccount(provision, carol.address));
  assert.match(record.passwordHash ?? '', /^\$argon2id\$/);
  assert.equal(JSON.stringify(record).includes(text), false);
  assert.deepEqual(
    done(await listAppPasswords(provision, carol.address)).map(({ name }) => name),
    ['phone'],
  );
  done(await removeAppPassword(provision, carol.address, 'phone'));
  assert.match(refusal(await removeAppPassword(provision, carol.address, 'phone')), /has no app password/);
});

test('DKIM keys come with the record to publish', async () => {
  const { provision } = await acme();
  const rsa = done(await addDkimKey(provision, 'example.test', 'rsa', 's1'));
  const ed = done(await addDkimKey(provision, 'example.test', 'ed25519', 's2'));
  assert.equal(rsa.name, 's1._domainkey.example.test');
  assert.match(rsa.text, /^v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEF[A-Za-z0-9+/]{360,}=*$/);
  assert.match(ed.text, /^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
  assert.match(refusal(await addDkimKey(provision, 'example.test', 'rsa', 's1')), /already/);
  assert.deepEqual(done(await listDkimKeys(provision, 'example.test')), [rsa, ed]);
  done(await removeDkimKey(provision, 'example.test', 's1'));
  assert.deepEqual(done(await listDkimKeys(provision, 'example.test')), [ed]);
});
