import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { reverseName } from '../mail/ports/resolver.ts';
import { dnsReplies, dnsResolver } from './dns-resolver.ts';

/** Record data by `TYPE name`; a number is an RCODE; undefined stays without answer. */
type Zone = Record<string, Buffer[] | number>;

const types: Record<number, string> = { 1: 'A', 5: 'CNAME', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA' };
const labels = (name: string) =>
  Buffer.concat([
    ...name.split('.').map((l) => Buffer.from(`${String.fromCharCode(l.length)}${l}`)),
    Buffer.alloc(1),
  ]);
const text = (...strings: string[]) =>
  Buffer.concat(strings.map((string) => Buffer.from(`${String.fromCharCode(string.length)}${string}`)));

/** A DNS server on a UDP port that answers from the zone and counts the questions. */
async function serve(zone: Zone) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, remote) => {
    const end = query.indexOf(0, 12) + 5;
    let name = '';
    for (let at = 12; query[at] !== 0; at += 1 + (query[at] ?? 0)) {
      name += `${name ? '.' : ''}${query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0))}`;
    }
    const key = `${types[query.readUInt16BE(end - 4)]} ${name.toLowerCase()}`;
    asked.push(key);
    const found = zone[key] ?? (Object.keys(zone).some((other) => other.endsWith(` ${name}`)) ? 0 : 3);
    if (key.includes('silent')) return;
    const records = typeof found === 'number' ? [] : found;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 | (typeof found === 'number' ? found : 0), 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    const answers = records.map((data) => {
      const fixed = Buffer.alloc(12);
      fixed.writeUInt16BE(0xc00c, 0);
      query.copy(fixed, 2, end - 4, end);
      fixed.writeUInt32BE(20, 6);
      fixed.writeUInt16BE(data.length, 10);
      return Buffer.concat([fixed, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), remote.port, remote.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  return { server: `127.0.0.1:${port}`, asked, [Symbol.dispose]: () => socket.close() };
}

test('records of every type come out', async () => {
  using dns = await serve({
    'A a.example': [Buffer.from([192, 0, 2, 1])],
    'MX a.example': [Buffer.concat([Buffer.from([0, 10]), labels('mx.a.example')])],
    'TXT a.example': [text('v=spf1 ', '-all')],
    'PTR 1.2.0.192.in-addr.arpa': [labels('host.example')],
  });
  const resolver = dnsResolver({ servers: [dns.server] });
  assert.deepEqual(await resolver.resolve4('a.example'), { kind: 'records', records: ['192.0.2.1'] });
  assert.deepEqual(await resolver.resolveMx('a.example'), {
    kind: 'records',
    records: [{ exchange: 'mx.a.example', priority: 10 }],
  });
  assert.deepEqual(await resolver.resolveTxt('a.example'), { kind: 'records', records: ['v=spf1 -all'] });
  assert.deepEqual(await resolver.resolvePtr(reverseName('192.0.2.1')), {
    kind: 'records',
    records: ['host.example'],
  });
});

test('absence is an answer, trouble is a failure', async () => {
  using dns = await serve({ 'A a.example': [Buffer.from([192, 0, 2, 1])], 'A broken.example': 2 });
  const resolver = dnsResolver({ servers: [dns.server], timeoutMs: 50 });
  assert.deepEqual(await resolver.resolveTxt('a.example'), { kind: 'no-data' });
  assert.deepEqual(await resolver.resolveTxt('none.example'), { kind: 'no-name' });
  await assert.rejects(resolver.resolve4('broken.example'), { name: 'DnsFailure' });
  await assert.rejects(resolver.resolve4('silent.example'), { name: 'DnsFailure' });
});

test('answers are kept for their TTL, questions in flight are shared', async () => {
  using dns = await serve({ 'A a.example': [Buffer.from([192, 0, 2, 1])] });
  let nowMs = 0;
  const resolver = dnsResolver({ servers: [dns.server], now: () => nowMs });
  await Promise.all([resolver.resolve4('a.example'), resolver.resolve4('A.example')]);
  nowMs = 19_999;
  await resolver.resolve4('a.example');
  assert.equal(dns.asked.length, 1);
  nowMs = 20_001;
  await resolver.resolve4('a.example');
  assert.equal(dns.asked.length, 2);
});

test('reverse names', () => {
  assert.equal(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa');
  assert.equal(
    reverseName('2001:db8::567:89ab'),
    'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
  assert.equal(reverseName('::1'), `1.${'0.'.repeat(31)}ip6.arpa`);
});

test('a server replies when it denies or refuses; not when it is silent or not there', async () => {
  using dns = await serve({ 'TXT refused.example': 5, 'TXT broken.example': 2 });
  const settings = { servers: [dns.server], timeoutMs: 100 };
  for (const name of ['com', 'refused.example', 'broken.example']) {
    assert.equal(await dnsReplies(dnsResolver(settings), name), true, name);
  }
  assert.equal(await dnsReplies(dnsResolver(settings), 'silent.example'), false);
  assert.equal(await dnsReplies(dnsResolver({ servers: ['127.0.0.1:1'], timeoutMs: 100 })), false);
});
