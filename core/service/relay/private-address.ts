/**
 * Addresses that mail from outside must never make us connect to: loopback, private, link
 * local (cloud metadata), shared, multicast, reserved. RFC 6890.
 */
import { BlockList, isIPv6 } from 'node:net';

const blocked = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  blocked.addSubnet(net, bits, 'ipv4');

/** The part of IPv6 that is given out for public use (RFC 4291 2.4), without what hides an IPv4 address. */
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');
const hidden = new BlockList();
hidden.addSubnet('2001::', 23, 'ipv6'); // Teredo, ORCHID and other special purposes
hidden.addSubnet('2001:db8::', 32, 'ipv6');
hidden.addSubnet('2002::', 16, 'ipv6'); // 6to4

/** `address` is an IPv4 or IPv6 address in text form. */
export function isPrivateAddress(address: string): boolean {
  if (!isIPv6(address)) return blocked.check(address, 'ipv4');
  return !global.check(address, 'ipv6') || hidden.check(address, 'ipv6');
}
