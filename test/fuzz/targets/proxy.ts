/**
 * The PROXY protocol header: what is read does not depend on how the octets are cut, no source is made
 * up that is no address, and nobody waits for more than the longest header.
 */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import {
  canonicalAddress,
  maxProxyHeaderOctets,
  type ProxyHeader,
  parseProxyHeader,
} from '../../../core/protocol/wire/proxy-protocol.ts';
import type { Chance } from '../chance.ts';
import type { Target } from '../target.ts';

const signature = '\r\n\r\n\0\r\nQUIT\n';
const words = [
  signature,
  `${signature}\x21\x11\0\x0c`,
  `${signature}\x21\x21\0\x24`,
  `${signature}\x20\0\0\0`,
  '\xc0\0\x02\x01\xc6\x33\x64\x01\xd9\x03\0\x19',
  `${'\0'.repeat(10)}\xff\xff\xc0\0\x02\x01`,
  '\x04\0\x01\0',
  'PROXY ',
  'PROXY UNKNOWN\r\n',
  'TCP4 192.0.2.1 198.51.100.1 55555 25',
  'TCP6 2001:db8::1 ::ffff:192.0.2.1 1 65535',
  'TCP6 fe80::1%eth0',
  '0:0:0:0:0:0:0:0',
  '255.255.255.255',
  '\r\n',
  '\r',
  '\n',
  ' ',
  'EHLO x\r\n',
];

export const proxy: Target = {
  name: 'proxy',
  words,
  generate: (chance) =>
    Buffer.from(
      chance.pick([version1, version2])(chance) + chance.some(2, () => chance.pick(words)),
      'latin1',
    ),
  run: (input) => {
    const whole = parseProxyHeader(input);
    for (const end of cuts(input.length)) {
      const part = parseProxyHeader(input.subarray(0, end));
      if (part.kind !== 'incomplete') assert.deepEqual(part, whole, `after ${end} octets`);
    }
    if (whole.kind === 'incomplete') assert.ok(input.length < maxProxyHeaderOctets, 'waits for ever');
    if (whole.kind === 'header') checkHeader(whole, input);
  },
};

function checkHeader({ octets, source }: ProxyHeader & { kind: 'header' }, input: Buffer): void {
  assert.ok(octets > 0 && octets <= input.length && octets <= maxProxyHeaderOctets, 'octets of the header');
  if (!source) return;
  assert.notEqual(isIP(source.address), 0, `${source.address} is no address`);
  assert.equal(canonicalAddress(source.address), source.address, 'a second form of one address');
  assert.ok(source.port >= 0 && source.port <= 65_535, 'port');
}

/** All small beginnings, some of the others. */
function cuts(length: number): number[] {
  const small = Array.from({ length: Math.min(length, 300) }, (_, end) => end);
  return [...small, maxProxyHeaderOctets - 1, maxProxyHeaderOctets].filter((end) => end < length);
}

function version1(chance: Chance): string {
  const family = chance.pick(['TCP4', 'TCP6', 'UNKNOWN', 'UDP4']);
  const address = () =>
    chance.pick(['192.0.2.1', '2001:DB8::1', '::ffff:192.0.2.1', '::', '1.2.3', '::1%lo', '::ffff:1:2']);
  const port = () => chance.pick(['0', '25', '65535', '65536', '-1', '007']);
  return `PROXY ${family} ${address()} ${address()} ${port()} ${port()}\r\n`;
}

function version2(chance: Chance): string {
  const body = chance.pick([
    '\xc0\0\x02\x01\xc6\x33\x64\x01\xd9\x03\0\x19',
    `${'\0'.repeat(10)}\xff\xff\xc0\0\x02\x01${'\x20'.repeat(16)}\xd9\x03\0\x19`,
    'x'.repeat(216),
    '',
  ]);
  const length = chance.pick([body.length, body.length, 12, 36, 2048, 2049, 65_535]);
  const head = chance.pick(['\x21\x11', '\x21\x21', '\x20\0', '\x21\0', '\x21\x12', '\x22\x11', '\x11\x11']);
  return `${signature}${head}${String.fromCharCode(length >> 8, length & 0xff)}${body}`;
}
