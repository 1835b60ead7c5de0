/**
 * The keys under which an address may stand in table Routes: as it is, without its detail
 * (RFC 5233: what follows the first '+'), and its domain. Pure.
 */
import { type Address, canonical } from '../../mail/address.ts';

export interface RouteKeys {
  readonly exact: string;
  /** Absent when the local part has no detail. */
  readonly withoutDetail?: string;
  readonly domain: string;
}

export function routeKeys(address: Address): RouteKeys {
  const exact = canonical(address);
  const domain = `@${address.domain}`;
  const plus = exact.indexOf('+');
  const at = exact.lastIndexOf('@');
  if (plus <= 0 || plus > at) return { exact, domain };
  return { exact, withoutDetail: exact.slice(0, plus) + exact.slice(at), domain };
}

export function keyList(keys: RouteKeys): readonly string[] {
  return keys.withoutDetail === undefined
    ? [keys.exact, keys.domain]
    : [keys.exact, keys.withoutDetail, keys.domain];
}

/** The two halves of an address that is canonical already: a stored target, a parsed login. */
export function splitCanonical(address: string): Address {
  const at = address.lastIndexOf('@');
  return { localPart: address.slice(0, at), domain: address.slice(at + 1) };
}
