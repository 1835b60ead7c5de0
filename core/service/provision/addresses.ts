/** The address under which an account or an alias stands: free or taken, and its domain. */
import type { Change, Route, Stored } from '../../mail/ports/directory-store.ts';
import type { Provision } from './context.ts';
import { type HostedDomain, showDomain } from './domains.ts';
import { parseAddressText } from './names.ts';
import { type Outcome, refuse } from './outcome.ts';

export interface Place {
  /** Canonical. */
  readonly address: string;
  readonly domain: HostedDomain;
  readonly route: Stored<Route> | undefined;
}

/** Finds the place of an address. Refused when its domain is not hosted, or not by the tenant that is named. */
export async function placeOf(
  provision: Provision,
  text: string,
  tenantName?: string,
): Promise<Outcome<Place>> {
  const address = parseAddressText(text);
  if ('refused' in address) return address;
  const name = address.done.slice(address.done.lastIndexOf('@') + 1);
  const domain = await showDomain(provision, name);
  if ('refused' in domain) return refuse(`${domain.refused}: add it with 'domain add ${name}'`);
  if (tenantName !== undefined && domain.done.record.tenant !== tenantName) {
    return refuse(`${name} belongs to another tenant than ${tenantName}`);
  }
  const route = (await provision.store.routes([address.done], true)).get(address.done);
  return { done: { address: address.done, domain: domain.done, route } };
}

/** As `placeOf`, for an address to be made. */
export async function freePlace(
  provision: Provision,
  text: string,
  tenantName?: string,
): Promise<Outcome<Place>> {
  const place = await placeOf(provision, text, tenantName);
  if ('refused' in place || !place.done.route) return place;
  return refuse(`${place.done.address} is an ${place.done.route.kind} already`);
}

/** The address's own route from what it was to what it shall be. */
export function routeChange({ address, route }: Place, now: Route | undefined): Change {
  return { table: 'routes', key: address, was: route, now };
}
