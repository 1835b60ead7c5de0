/** Aliases: an address of ours that leads to others, ours or not. They have no login and no mail of their own. */
import type { AliasRecord, Change, Stored } from '../../mail/ports/directory-store.ts';
import { maxTargets } from '../directory/limits.ts';
import { freePlace, type Place, placeOf, routeChange } from './addresses.ts';
import type { Provision } from './context.ts';
import { domainChanges, tenantsNamed } from './domains.ts';
import { parseAddressTexts } from './names.ts';
import { carryOut, type Outcome, type Plan, refuse } from './outcome.ts';

/** Makes the alias, or gives an existing one these targets instead when `replace` says so. */
export async function addAlias(
  provision: Provision,
  text: string,
  targets: readonly string[],
  replace: boolean,
): Promise<Outcome<AliasRecord>> {
  const parsed = parseAddressTexts(targets);
  if ('refused' in parsed) return parsed;
  if (parsed.done.length === 0) return refuse('an alias needs at least one target');
  if (parsed.done.length > maxTargets) return refuse(`an alias has at most ${maxTargets} targets`);
  return carryOut(provision.store, async (): Promise<Plan<AliasRecord>> => {
    const found = await showAlias(provision, text);
    if ('done' in found && replace) return replaced(found.done, parsed.done);
    const free = await freePlace(provision, text);
    if ('refused' in free) return free;
    const { address, domain } = free.done;
    if (parsed.done.includes(address)) return refuse(`${address} cannot lead to itself`);
    const { tenant } = domain.record;
    const record: AliasRecord = {
      kind: 'alias',
      tenant,
      address,
      targets: parsed.done,
      createdAtMs: provision.now(),
    };
    const changes: readonly Change[] = [
      { table: 'directory', was: undefined, now: record },
      routeChange(free.done, { kind: 'alias', tenant, targets: parsed.done }),
      ...domainChanges(domain, { addresses: domain.record.addresses + 1 }),
    ];
    return { changes, done: record };
  });
}

/** Of one tenant or all, in address order per tenant. */
export async function listAliases(
  provision: Provision,
  tenantName?: string,
): Promise<Outcome<readonly AliasRecord[]>> {
  const tenants = await tenantsNamed(provision, tenantName);
  if ('refused' in tenants) return tenants;
  const found: AliasRecord[] = [];
  for (const tenant of tenants.done) {
    for await (const record of provision.store.records(tenant, 'alias#')) {
      if (record.kind === 'alias') found.push(record);
    }
  }
  return { done: found };
}

export interface FoundAlias {
  readonly place: Place;
  readonly record: Stored<AliasRecord>;
}

export async function showAlias(provision: Provision, text: string): Promise<Outcome<FoundAlias>> {
  const place = await placeOf(provision, text);
  if ('refused' in place) return place;
  const { address, route } = place.done;
  if (route?.kind !== 'alias')
    return refuse(`${address} is ${route ? 'an account, no alias' : 'no alias of ours'}`);
  const record = await provision.store.record(route.tenant, `alias#${address}`);
  if (record?.kind !== 'alias') return refuse(`${address} was just removed`);
  return { done: { place: place.done, record } };
}

export function removeAlias(provision: Provision, text: string): Promise<Outcome<AliasRecord>> {
  return carryOut(provision.store, async (): Promise<Plan<AliasRecord>> => {
    const found = await showAlias(provision, text);
    if ('refused' in found) return found;
    const { place, record } = found.done;
    const changes: readonly Change[] = [
      routeChange(place, undefined),
      { table: 'directory', was: record, now: undefined },
      ...domainChanges(place.domain, { addresses: place.domain.record.addresses - 1 }),
    ];
    return { changes, done: record };
  });
}

function replaced({ place, record }: FoundAlias, targets: readonly string[]): Plan<AliasRecord> {
  if (targets.includes(record.address)) return refuse(`${record.address} cannot lead to itself`);
  const now: AliasRecord = { ...record, targets };
  return {
    changes: [
      { table: 'directory', was: record, now },
      routeChange(place, { kind: 'alias', tenant: record.tenant, targets }),
    ],
    done: now,
  };
}
