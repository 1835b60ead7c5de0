/**
 * The port to the DNS. A name that has no such record is an answer; a server that does not
 * answer is a failure and is thrown, so that nobody takes the one for the other (RFC 5321 5.1).
 */

export type DnsAnswer<Record> =
  | { readonly kind: 'records'; readonly records: readonly [Record, ...Record[]] }
  /** The name exists without a record of this type. */
  | { readonly kind: 'no-data' }
  /** There is no such name (NXDOMAIN), or it cannot be one. */
  | { readonly kind: 'no-name' };

export interface MxRecord {
  /** '' is the null MX (RFC 7505 3). Without the final dot. */
  readonly exchange: string;
  readonly priority: number;
}

/** Every method throws DnsFailure, after a few seconds at most. Names are A-labels without the final dot. */
export interface Resolver {
  resolve4(name: string): Promise<DnsAnswer<string>>;
  resolve6(name: string): Promise<DnsAnswer<string>>;
  /** In no particular order. */
  resolveMx(name: string): Promise<DnsAnswer<MxRecord>>;
  /** Each record's character-strings joined (RFC 7208 3.3, RFC 6376 3.6.2.2). */
  resolveTxt(name: string): Promise<DnsAnswer<string>>;
  /** Of a reverse name: see `reverseName`. */
  resolvePtr(name: string): Promise<DnsAnswer<string>>;
  resolveCname(name: string): Promise<DnsAnswer<string>>;
}

/** Time-out, SERVFAIL, no network: ask again later. */
export class DnsFailure extends Error {
  override readonly name = 'DnsFailure';
}

/** The name under in-addr.arpa or ip6.arpa that holds an address's PTR records (RFC 1035 3.5, RFC 3596 2.5). */
export function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const nibbles = expandedGroups(address).map((group) => group.padStart(4, '0'));
  return `${[...nibbles.join('')].reverse().join('.')}.ip6.arpa`;
}

function expandedGroups(address: string): string[] {
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1); // also takes 64:ff9b::192.0.2.1
  const [head = '', tail] = shortest.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
