import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProxyHeader } from './proxy-protocol.ts';

const signature = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const tcp4 = hex(`${signature} 21 11 000c c0000201 c6336401 d903 0019`);
const tcp6 = hex(
  `${signature} 21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 d903 0019`,
);

test('version 1 gives the source and leaves what follows', () => {
  const octets = Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 55555 25\r\nEHLO x\r\n');
  const header = parseProxyHeader(octets);
  assert.deepEqual(header, { kind: 'header', octets: 44, source: { address: '192.0.2.1', port: 55555 } });
  const six = parseProxyHeader(Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n'));
  assert.ok(six.kind === 'header' && six.source?.address === '2001:db8::1');
});

test('version 2 gives the source, TLVs are skipped', () => {
  const source = { address: '192.0.2.1', port: 55555 };
  assert.deepEqual(parseProxyHeader(tcp4), { kind: 'header', octets: 28, source });
  const withTlv = Buffer.concat([tcp4, hex('04 0001 00')]);
  withTlv.writeUInt16BE(16, 14);
  assert.deepEqual(parseProxyHeader(withTlv), { kind: 'header', octets: 32, source });
  const six = parseProxyHeader(tcp6);
  assert.ok(six.kind === 'header' && six.source?.address === '2001:db8::1');
});

test('an address has one form: IPv4 as such, IPv6 as RFC 5952 writes it', () => {
  const addressOf = (octets: Buffer) => {
    const header = parseProxyHeader(octets);
    return header.kind === 'header' ? header.source?.address : header.kind;
  };
  const mapped = Buffer.from(tcp6);
  hex('00000000000000000000ffff c0000201').copy(mapped, 16);
  assert.equal(addressOf(mapped), '192.0.2.1');
  for (const [written, address] of [
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['2001:0DB8:0::1', '2001:db8::1'],
  ]) {
    assert.equal(addressOf(Buffer.from(`PROXY TCP6 ${written} 2001:db8::2 1 25\r\n`)), address);
  }
});

test('health checks have no source', () => {
  const local = parseProxyHeader(hex(`${signature} 20 00 0000`));
  assert.deepEqual(local, { kind: 'header', octets: 16, source: undefined });
  const unknown = parseProxyHeader(Buffer.from('PROXY UNKNOWN\r\n'));
  assert.deepEqual(unknown, { kind: 'header', octets: 15, source: undefined });
});

test('every prefix of a header is incomplete', () => {
  const first = Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 55555 25\r\n');
  for (const whole of [first, tcp4, tcp6]) {
    for (let end = 0; end < whole.length; end++) {
      assert.equal(parseProxyHeader(whole.subarray(0, end)).kind, 'incomplete', `${end}`);
    }
  }
});

test('what is no header is invalid', () => {
  const texts = [
    'EHLO example\r\n',
    'PROXY TCP4 999.0.2.1 198.51.100.1 1 25\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 x 25\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 65536 25\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 1 x\r\n',
    'PROXY TCP4 192.0.2.01 198.51.100.1 1 25\r\n',
    'PROXY TCP4 192.0.2.1 nowhere 1 25\r\n',
    'PROXY TCP4 2001:db8::1 2001:db8::2 1 25\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.1 1 25\r\n',
    'PROXY TCP6 fe80::1%eth0 fe80::2 1 25\r\n',
    'PROXY TCP4  192.0.2.1 198.51.100.1 1 25\r\n',
    'PROXY TCP9 a b 1 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 1 25 more\r\n',
    `PROXY ${'x'.repeat(200)}`,
  ];
  for (const text of texts) assert.equal(parseProxyHeader(Buffer.from(text)).kind, 'invalid', text);
  assert.equal(parseProxyHeader(hex(`${signature} 31 11 000c`)).kind, 'invalid');
  assert.equal(parseProxyHeader(hex(`${signature} 21 11 ffff`)).kind, 'invalid');
  assert.equal(parseProxyHeader(hex(`${signature} 21 11 0004 c0000201`)).kind, 'invalid');
});
