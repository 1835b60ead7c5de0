/** From a domain to addresses, or to the outcome where there is no way. RFC 5321 5.1, RFC 7505. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedDns, testSettings } from '../../../test/support/relay/world.ts';
import { findDestination } from './destination.ts';
import { isPrivateAddress } from './private-address.ts';
import { parseRoute } from './route.ts';

const mx = (exchange: string, priority: number) => ({ exchange, priority });
const dns = scriptedDns({
  'plain.example': { mx: [mx('b.example', 20), mx('a.example', 10)] },
  'a.example': { a: ['9.9.9.1', '2620:fe::1'] },
  'b.example': { a: ['9.9.9.2'] },
  'implicit.example': { a: ['9.9.9.3'] },
  'null.example': { mx: [mx('', 0)] },
  'trouble.example': { mx: 'trouble' },
  'half.example': { mx: [mx('troubled-host.example', 10)] },
  'troubled-host.example': { a: 'trouble' },
  'nowhere.example': { mx: [mx('gone.example', 10)] },
  'ours.example': { mx: [mx('MX.acme.example', 10), mx('a.example', 20)] },
  'backup.example': { mx: [mx('a.example', 10), mx('mx.acme.example', 20), mx('b.example', 30)] },
  'inside.example': { mx: [mx('local.example', 10)] },
  'local.example': { a: ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1'] },
  'mixed.example': { mx: [mx('local.example', 10), mx('b.example', 20)] },
});

async function way(domain: string, change: Partial<typeof testSettings> = {}): Promise<string> {
  const settings = { ...testSettings, allowPrivate: false, ...change };
  const found = await findDestination(domain, dns, settings, () => 0.5);
  if ('kind' in found) return `${found.kind} ${found.status}`;
  const hosts = await Array.fromAsync(found.hosts);
  if (hosts.length > 0) return hosts.map((host) => `${host.address}:${host.port}`).join(' ');
  const nothing = found.nothing();
  return `${nothing.kind} ${nothing.status}`;
}

test('MX by preference, both address families, else the domain itself', async () => {
  assert.equal(await way('plain.example'), '9.9.9.1:25 2620:fe::1:25 9.9.9.2:25');
  assert.equal(await way('implicit.example'), '9.9.9.3:25');
});

test('one name with many addresses leaves room for the next name, and for the other family', async () => {
  const many = Array.from({ length: 8 }, (_, i) => `9.9.8.${i + 1}`);
  const crowded = scriptedDns({
    'big.example': { mx: [mx('many.example', 10), mx('b.example', 20)] },
    'many.example': { a: [...many, '2620:fe::1', '2620:fe::2'] },
    'b.example': { a: ['9.9.9.2'] },
  });
  const hosts = async (domain: string) => {
    const found = await findDestination(domain, crowded, { ...testSettings, allowPrivate: false }, () => 0.5);
    return 'kind' in found ? [] : (await Array.fromAsync(found.hosts)).map(({ address }) => address);
  };
  assert.deepEqual(await hosts('big.example'), ['9.9.8.1', '9.9.8.2', '2620:fe::1', '9.9.9.2']);
  assert.deepEqual((await hosts('many.example')).slice(0, 4), [
    '9.9.8.1',
    '9.9.8.2',
    '2620:fe::1',
    '9.9.8.3',
  ]);
});

test('no way: each has its status', async () => {
  assert.equal(await way('null.example'), 'failed 5.1.10');
  assert.equal(await way('missing.example'), 'failed 5.1.2');
  assert.equal(await way('trouble.example'), 'deferred 4.4.3');
  assert.equal(await way('half.example'), 'deferred 4.4.3');
  assert.equal(await way('nowhere.example'), 'failed 5.4.4');
  assert.equal(await way('[192.0.2.1]'), 'failed 5.1.2');
});

test('we are in the list: only those before us are tried', async () => {
  assert.equal(await way('ours.example'), 'failed 5.4.6');
  assert.equal(await way('backup.example'), '9.9.9.1:25 2620:fe::1:25');
});

test('an MX never leads into our own network', async () => {
  assert.equal(await way('inside.example'), 'failed 5.4.4');
  assert.equal(await way('mixed.example'), '9.9.9.2:25');
  assert.match(await way('inside.example', { allowPrivate: true }), /^127\.0\.0\.1:25 /);
});

test('a route goes first and may be private', async () => {
  const routes = new Map([parseRoute('plain.example=127.0.0.1:2626'), parseRoute('*=smart.example')]);
  assert.equal(await way('plain.example', { routes }), '127.0.0.1:2626');
  assert.equal(await way('missing.example', { routes }), 'deferred 4.4.3', 'a wrong route can be mended');
});

test('equal preferences are shuffled', async () => {
  const both = scriptedDns({
    'x.example': { mx: [mx('a', 1), mx('b', 1)] },
    a: { a: ['9.9.9.1'] },
    b: { a: ['9.9.9.2'] },
  });
  const first = new Set<string>();
  for (const chances of [
    [0.1, 0.9],
    [0.9, 0.1],
  ]) {
    const left = [...chances];
    const found = await findDestination('x.example', both, testSettings, () => left.shift() ?? 0);
    assert.ok(!('kind' in found));
    first.add((await Array.fromAsync(found.hosts))[0]?.address ?? '');
  }
  assert.equal(first.size, 2);
});

test('addresses that hide a private one are private', () => {
  for (const bad of [
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fd00::1',
    '2002:7f00:1::',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
  ])
    assert.equal(isPrivateAddress(bad), true, bad);
  for (const good of ['8.8.8.8', '172.32.0.1', '2a00:1450::1'])
    assert.equal(isPrivateAddress(good), false, good);
});
