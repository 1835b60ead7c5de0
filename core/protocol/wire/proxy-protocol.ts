/**
 * The PROXY protocol header that a load balancer puts in front of a connection, versions 1
 * and 2 (HAProxy, proxy-protocol.txt 2.1 and 2.2). A pure parser: it is given the octets that
 * have come so far. Only a listener behind a trusted balancer may ask it anything.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface ProxySource {
  readonly address: string;
  readonly port: number;
}

export type ProxyHeader =
  /** Not enough octets yet to tell. */
  | { readonly kind: 'incomplete' }
  /** Not a header, or a broken one: the connection must be closed. */
  | { readonly kind: 'invalid' }
  /** `source` is undefined where the balancer speaks for itself (LOCAL, UNKNOWN): health checks. */
  | { readonly kind: 'header'; readonly octets: number; readonly source: ProxySource | undefined };

/** Version 1 is at most 107 octets with its CRLF; version 2 is 16 and a length, TLVs included. */
export const maxProxyHeaderOctets = 16 + 2048;

const maxVersion1Octets = 107;
const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const incomplete: ProxyHeader = { kind: 'incomplete' };
const invalid: ProxyHeader = { kind: 'invalid' };

/** Reads the header at the start of `octets`. */
export function parseProxyHeader(octets: Buffer): ProxyHeader {
  if (octets.length === 0) return incomplete;
  return octets[0] === signature[0] ? parseVersion2(octets) : parseVersion1(octets);
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 CRLF` */
function parseVersion1(octets: Buffer): ProxyHeader {
  if (!'PROXY '.startsWith(octets.toString('latin1', 0, 6))) return invalid;
  const end = octets.indexOf('\r\n');
  if (end > maxVersion1Octets - 2) return invalid;
  if (end < 0) return octets.length < maxVersion1Octets ? incomplete : invalid;
  const [, family, address = '', other = '', port = '', otherPort = '', ...more] = octets
    .toString('latin1', 0, end)
    .split(' ');
  if (family === 'UNKNOWN') return { kind: 'header', octets: end + 2, source: undefined };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isPlainIPv6 : () => false;
  const sound = isAddress(address) && isAddress(other) && isPort(port) && isPort(otherPort);
  if (!sound || more.length > 0) return invalid;
  return {
    kind: 'header',
    octets: end + 2,
    source: { address: canonicalAddress(address), port: Number(port) },
  };
}

function parseVersion2(octets: Buffer): ProxyHeader {
  const known = Math.min(octets.length, signature.length);
  if (octets.compare(signature, 0, known, 0, known) !== 0) return invalid;
  if (octets.length < 16) return incomplete;
  const command = octets.readUInt8(12);
  const total = 16 + octets.readUInt16BE(14);
  if (command >> 4 !== 2 || (command & 0xf) > 1 || total > maxProxyHeaderOctets) return invalid;
  if (octets.length < total) return incomplete;
  if ((command & 0xf) === 0) return { kind: 'header', octets: total, source: undefined };
  return version2Source(octets.readUInt8(13), octets.subarray(16, total), total);
}

function version2Source(family: number, body: Buffer, octets: number): ProxyHeader {
  if (family === 0x11 && body.length >= 12) {
    const address = [...body.subarray(0, 4)].join('.');
    return { kind: 'header', octets, source: { address, port: body.readUInt16BE(8) } };
  }
  if (family === 0x21 && body.length >= 36) {
    return { kind: 'header', octets, source: { address: ipv6(body), port: body.readUInt16BE(32) } };
  }
  return family === 0 ? { kind: 'header', octets, source: undefined } : invalid;
}

function ipv6(body: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => body.readUInt16BE(index * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}

/**
 * An address has one form, or limits by address are got round: IPv6 the shortest (RFC 5952), and IPv4
 * that comes as IPv6 (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2) as IPv4.
 */
export function canonicalAddress(address: string): string {
  if (!isPlainIPv6(address)) return address;
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (!mapped) return shortest;
  const halves = mapped.slice(1).map((half) => Number.parseInt(half, 16));
  return halves.flatMap((half) => [half >> 8, half & 0xff]).join('.');
}

/** Without a zone (`%eth0`), which means something on one machine only. */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535;
}
