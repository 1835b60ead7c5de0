import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, openDirectory, type TestDirectory } from '../../../test/support/directory.ts';
import type { Address } from '../../mail/address.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import { addAccount, removeAccount, setForwards } from '../provision/accounts.ts';
import { addAlias } from '../provision/aliases.ts';
import { acceptPassword, addAppPassword, removeAppPassword, setPassword } from '../provision/credentials.ts';
import { addDkimKey } from '../provision/dkim.ts';
import { addDomain, setCatchAll, setPostmaster } from '../provision/domains.ts';
import { addTenant } from '../provision/tenants.ts';
import { domainCacheMs } from './limits.ts';
import { splitCanonical } from './route-keys.ts';

/** Accounts a1 carol and a2 dave of acme, a3 eve of other. */
async function populated() {
  const opened = await openDirectory();
  const { provision } = opened;
  for (const [tenant, domain] of [
    ['acme', 'example.test'],
    ['other', 'other.test'],
  ] as const) {
    done(await addTenant(provision, tenant));
    done(await addDomain(provision, domain, tenant));
  }
  for (const address of ['carol@example.test', 'dave@example.test', 'eve@other.test']) {
    done(await addAccount(provision, { address, quotaBytes: 7 }));
  }
  return opened;
}

const at = (text: string): Address => splitCanonical(text);

/** 'a1 a2 -> x@else.test', or the kind. */
async function resolved({ directory }: TestDirectory, address: string): Promise<string> {
  const found = await directory.resolve(at(address));
  if (found.kind !== 'known') return found.kind;
  const local = found.local.map(({ account }) => account.account).sort();
  const forwards = found.forwards.map(({ localPart, domain }) => `${localPart}@${domain}`).sort();
  return [...local, ...(forwards.length > 0 ? ['->', ...forwards] : [])].join(' ');
}

test('an ordinary recipient costs one read of three keys', async () => {
  const opened = await populated();
  const usages = opened.dynamo.embedded?.usages ?? [];
  usages.length = 0;
  assert.deepEqual(await opened.directory.resolve({ localPart: 'Carol+news', domain: 'example.test' }), {
    kind: 'known',
    tenant: 'acme',
    local: [{ account: { tenant: 'acme', account: 'a1' }, quotaBytes: 7 }],
    forwards: [],
  });
  assert.equal(usages.length, 1);
});

test('foreign, unknown, catch-all, detail', async () => {
  const opened = await populated();
  assert.equal(await resolved(opened, 'x@else.test'), 'foreign');
  assert.equal(await resolved(opened, 'nobody@example.test'), 'unknown');
  done(await setCatchAll(opened.provision, 'example.test', 'dave@example.test'));
  assert.equal(await resolved(opened, 'nobody@example.test'), 'a2');
  assert.equal(await resolved(opened, 'carol+x@example.test'), 'a1');
  done(await addAlias(opened.provision, 'carol+x@example.test', ['dave@example.test'], false));
  assert.equal(await resolved(opened, 'carol+x@example.test'), 'a2');
  assert.equal(await resolved(opened, 'carol+y@example.test'), 'a1');
});

test('postmaster is always somebody', async () => {
  const opened = await populated();
  assert.equal(await resolved(opened, 'PostMaster@example.test'), 'a1');
  done(await setPostmaster(opened.provision, 'example.test', 'dave@example.test'));
  assert.equal(await resolved(opened, 'postmaster@example.test'), 'a2');
});

test('aliases are followed through each other, loops end, nobody twice', async () => {
  const opened = await populated();
  const alias = async (name: string, ...targets: string[]) =>
    done(await addAlias(opened.provision, `${name}@example.test`, targets, false));
  await alias('all', 'team@example.test', 'carol@example.test', 'x@else.test');
  await alias('team', 'all@example.test', 'dave+team@example.test', 'x@else.test');
  assert.equal(await resolved(opened, 'all@example.test'), 'a1 a2 -> x@else.test');
  await alias('dead', 'gone@example.test');
  assert.equal(await resolved(opened, 'dead@example.test'), 'unknown');
});

test("an alias leads to another tenant's accounts, who may not send as it", async () => {
  const opened = await populated();
  done(
    await addAlias(opened.provision, 'both@example.test', ['carol@example.test', 'eve@other.test'], false),
  );
  assert.equal(await resolved(opened, 'both@example.test'), 'a1 a3');
  done(await setForwards(opened.provision, 'eve@other.test', ['dave@example.test', 'x@else.test'], true));
  assert.equal(await resolved(opened, 'both@example.test'), 'a1 a2 a3 -> x@else.test');
  const account = { tenant: 'other', account: 'a3' } as Identity['account'];
  const eve = { account, login: 'eve@other.test', quotaBytes: 7 };
  assert.equal(await opened.directory.mayUse(eve, at('both@example.test')), false);
  done(await addAlias(opened.provision, 'lost@example.test', ['gone@other.test'], false));
  assert.equal(await resolved(opened, 'lost@example.test'), 'unknown');
});

test('forwards go with or without a copy', async () => {
  const opened = await populated();
  const forward = async (keepCopy: boolean, ...targets: string[]) =>
    done(await setForwards(opened.provision, 'carol@example.test', targets, keepCopy));
  await forward(true, 'dave@example.test', 'x@else.test');
  assert.equal(await resolved(opened, 'carol@example.test'), 'a1 a2 -> x@else.test');
  await forward(false, 'dave@example.test');
  assert.equal(await resolved(opened, 'carol@example.test'), 'a2');
});

test('too deep or too wide is a failure, never half a list', async () => {
  const opened = await populated();
  const alias = async (name: string, ...targets: string[]) =>
    done(await addAlias(opened.provision, `${name}@example.test`, targets, false));
  await alias('d0', 'carol@example.test');
  for (let depth = 1; depth <= 6; depth += 1) await alias(`d${depth}`, `d${depth - 1}@example.test`);
  assert.equal(await resolved(opened, 'd4@example.test'), 'a1');
  await assert.rejects(resolved(opened, 'd5@example.test'), { name: 'AliasTooLarge' });
  const many = (letter: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${letter}${n}@else.test`);
  await alias('wide', ...many('w', 100));
  await alias('wider', 'wide@example.test', 'carol@example.test');
  assert.equal((await resolved(opened, 'wide@example.test')).split(' ').length, 101);
  await assert.rejects(resolved(opened, 'wider@example.test'), { name: 'AliasTooLarge' });
});

test('a login is the address in any case, with the password or an app password', async () => {
  const { provision, directory } = await populated();
  done(await setPassword(provision, 'carol@example.test', 'correct horse'));
  const { text } = done(await addAppPassword(provision, 'carol@example.test', 'phone'));
  const identity = {
    account: { tenant: 'acme', account: 'a1' },
    login: 'carol@example.test',
    quotaBytes: 7,
  };
  assert.deepEqual(await directory.authenticate('CAROL@Example.test', 'correct horse'), identity);
  assert.deepEqual(await directory.authenticate('carol@example.test', text), identity);
  done(await removeAppPassword(provision, 'carol@example.test', 'phone'));
  assert.equal(await directory.authenticate('carol@example.test', text), undefined);
});

test('who is not let in', async () => {
  const { provision, directory } = await populated();
  done(await setPassword(provision, 'carol@example.test', 'correct horse'));
  done(await addAlias(provision, 'sales@example.test', ['carol@example.test'], false));
  const refusedPairs = [
    ['carol@example.test', 'Correct horse'],
    ['carol@example.test', ''],
    ['carol@example.test', 'x'.repeat(5000)],
    ['dave@example.test', 'correct horse'],
    ['sales@example.test', 'correct horse'],
    ['carol+x@example.test', 'correct horse'],
    ['carol', 'correct horse'],
    ['@example.test', 'correct horse'],
    ['', ''],
    ['x'.repeat(400), 'correct horse'],
  ] as const;
  for (const [login, password] of refusedPairs) {
    assert.equal(await directory.authenticate(login, password), undefined, login);
  }
});

test('a changed password counts at once, and a removed account is out', async () => {
  const { provision, directory } = await populated();
  const passwordHash = done(await acceptPassword('first one'));
  done(await addAccount(provision, { address: 'zoe@example.test', quotaBytes: 0, passwordHash }));
  assert.ok(await directory.authenticate('zoe@example.test', 'first one'));
  done(await setPassword(provision, 'zoe@example.test', 'second one'));
  assert.equal(await directory.authenticate('zoe@example.test', 'first one'), undefined);
  assert.ok(await directory.authenticate('zoe@example.test', 'second one'));
  done(await removeAccount(provision, 'zoe@example.test'));
  assert.equal(await directory.authenticate('zoe@example.test', 'second one'), undefined);
});

test('an account may send as itself, with detail, and as aliases that lead to it', async () => {
  const { provision, directory } = await populated();
  done(await addAlias(provision, 'sales@example.test', ['team@example.test'], false));
  done(await addAlias(provision, 'team@example.test', ['carol@example.test'], false));
  done(await setForwards(provision, 'dave@example.test', ['carol@example.test'], false));
  done(await addAlias(provision, 'trap@other.test', ['carol@example.test'], false));
  const carol = {
    account: { tenant: 'acme', account: 'a1' },
    login: 'carol@example.test',
    quotaBytes: 0,
  } as Parameters<typeof directory.mayUse>[0];
  const uses = async (address: string) => directory.mayUse(carol, at(address));
  for (const own of [
    'Carol@example.test',
    'carol+x@example.test',
    'sales@example.test',
    'team+y@example.test',
  ]) {
    assert.equal(await uses(own), true, own);
  }
  for (const other of ['dave@example.test', 'x@else.test', 'nobody@example.test', 'trap@other.test']) {
    assert.equal(await uses(other), false, other);
  }
});

test('domains come with their keys and are remembered for seconds', async () => {
  const { provision, directory, clock } = await populated();
  assert.equal(await directory.domain('else.test'), undefined);
  assert.deepEqual((await directory.domain('example.test'))?.dkim, []);
  done(await addDkimKey(provision, 'example.test', 'ed25519', 's1'));
  assert.deepEqual((await directory.domain('example.test'))?.dkim, []);
  clock.nowMs += domainCacheMs;
  const domain = await directory.domain('example.test');
  assert.deepEqual([domain?.tenant, domain?.dkim.map(({ selector }) => selector)], ['acme', ['s1']]);
});
