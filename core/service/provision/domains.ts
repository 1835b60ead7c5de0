/**
 * Domains: added to a tenant, listed, given a catch-all and a postmaster, removed when no
 * address is left. The route and the record change in one transaction.
 */
import type { TenantId } from '../../mail/ids.ts';
import type { Change, DomainRecord, DomainRoute, Stored } from '../../mail/ports/directory-store.ts';
import type { Provision } from './context.ts';
import { parseAddressText, parseDomain, parseTenant } from './names.ts';
import { carryOut, type Outcome, type Plan, refuse } from './outcome.ts';
import { listTenants, readTenant } from './tenants.ts';

/** A domain as stored in both tables. */
export interface HostedDomain {
  readonly route: Stored<DomainRoute>;
  readonly record: Stored<DomainRecord>;
}

/** Without a tenant's name the only tenant is meant. Refused when anybody has the domain. */
export async function addDomain(
  provision: Provision,
  name: string,
  tenantName?: string,
): Promise<Outcome<DomainRecord>> {
  const domain = parseDomain(name);
  if ('refused' in domain) return domain;
  return carryOut(provision.store, async () => {
    const owner = await tenantOrOnly(provision, tenantName);
    if ('refused' in owner) return owner;
    const tenant = await readTenant(provision, owner.done);
    if (!tenant) return refuse(`there is no tenant ${owner.done}: make it with 'tenant add ${owner.done}'`);
    const key = `@${domain.done}`;
    const taken = (await provision.store.routes([key], true)).get(key);
    if (taken) return refuse(takenDomain(domain.done, taken.tenant === owner.done));
    const record: DomainRecord = {
      kind: 'domain',
      tenant: owner.done,
      domain: domain.done,
      createdAtMs: provision.now(),
      addresses: 0,
      dkim: [],
    };
    const changes: readonly Change[] = [
      { table: 'directory', was: tenant, now: { ...tenant, domains: tenant.domains + 1 } },
      { table: 'directory', was: undefined, now: record },
      { table: 'routes', key, was: undefined, now: { kind: 'domain', tenant: owner.done } },
    ];
    return { changes, done: record };
  });
}

/** Of one tenant, or of all. In name order per tenant. */
export async function listDomains(
  provision: Provision,
  tenantName?: string,
): Promise<Outcome<readonly DomainRecord[]>> {
  const tenants = await tenantsNamed(provision, tenantName);
  if ('refused' in tenants) return tenants;
  const found: DomainRecord[] = [];
  for (const tenant of tenants.done) {
    for await (const record of provision.store.records(tenant, 'domain#')) {
      if (record.kind === 'domain') found.push(record);
    }
  }
  return { done: found };
}

export async function showDomain(provision: Provision, name: string): Promise<Outcome<HostedDomain>> {
  const domain = parseDomain(name);
  if ('refused' in domain) return domain;
  const key = `@${domain.done}`;
  const route = (await provision.store.routes([key], true)).get(key);
  if (route?.kind !== 'domain') return refuse(`${domain.done} is no domain of ours`);
  const record = await provision.store.record(route.tenant, `domain#${domain.done}`);
  // Both are written together; between the two reads the domain can have been removed.
  return record?.kind === 'domain' ? { done: { route, record } } : refuse(`${domain.done} was just removed`);
}

/** Refused while the domain has accounts or aliases. */
export async function removeDomain(provision: Provision, name: string): Promise<Outcome<DomainRecord>> {
  return carryOut(provision.store, async () => {
    const found = await showDomain(provision, name);
    if ('refused' in found) return found;
    const { route, record } = found.done;
    if (record.addresses > 0) {
      return refuse(
        `${record.domain} still has ${record.addresses} account(s) or alias(es): remove them first`,
      );
    }
    const tenant = await readTenant(provision, record.tenant);
    const changes: Change[] = [
      { table: 'routes', key: `@${record.domain}`, was: route, now: undefined },
      { table: 'directory', was: record, now: undefined },
    ];
    if (tenant)
      changes.push({ table: 'directory', was: tenant, now: { ...tenant, domains: tenant.domains - 1 } });
    return { changes, done: record };
  });
}

/** Where mail for addresses that nobody has goes; undefined: it is refused. */
export function setCatchAll(
  provision: Provision,
  name: string,
  target: string | undefined,
): Promise<Outcome<DomainRecord>> {
  return setTarget(provision, name, 'catchAll', target);
}

/** Who answers for postmaster@ (RFC 5321 4.5.1); undefined leaves it to the catch-all. */
export function setPostmaster(
  provision: Provision,
  name: string,
  target: string | undefined,
): Promise<Outcome<DomainRecord>> {
  return setTarget(provision, name, 'postmaster', target);
}

/** Route and record with the same new settings. */
export function domainChanges(
  { route, record }: HostedDomain,
  next: Partial<Pick<DomainRecord, 'addresses' | 'dkim'>> & {
    readonly catchAll?: string | undefined;
    readonly postmaster?: string | undefined;
  },
): readonly Change[] {
  const { catchAll, postmaster } = { ...record, ...next };
  const targets = { ...(catchAll ? { catchAll } : {}), ...(postmaster ? { postmaster } : {}) };
  const { tenant, domain, createdAtMs } = record;
  const now: DomainRecord = {
    kind: 'domain',
    tenant,
    domain,
    createdAtMs,
    addresses: next.addresses ?? record.addresses,
    dkim: next.dkim ?? record.dkim,
    ...targets,
  };
  const same = route.catchAll === catchAll && route.postmaster === postmaster;
  return [
    { table: 'directory', was: record, now },
    {
      table: 'routes',
      key: `@${domain}`,
      was: route,
      now: same ? route : { kind: 'domain', tenant, ...targets },
    },
  ];
}

/** The named tenant if it exists, or all of them. */
export async function tenantsNamed(
  provision: Provision,
  name: string | undefined,
): Promise<Outcome<readonly TenantId[]>> {
  if (name === undefined) return { done: (await listTenants(provision)).map(({ tenant }) => tenant) };
  const tenant = parseTenant(name);
  if ('refused' in tenant) return tenant;
  return (await readTenant(provision, tenant.done))
    ? { done: [tenant.done] }
    : refuse(`there is no tenant ${name}`);
}

function setTarget(
  provision: Provision,
  name: string,
  which: 'catchAll' | 'postmaster',
  target: string | undefined,
): Promise<Outcome<DomainRecord>> {
  return carryOut(provision.store, async (): Promise<Plan<DomainRecord>> => {
    const address = target === undefined ? { done: undefined } : parseAddressText(target);
    if ('refused' in address) return address;
    const found = await showDomain(provision, name);
    if ('refused' in found) return found;
    const changes = domainChanges(found.done, { [which]: address.done });
    const [first] = changes;
    return {
      changes,
      done: first?.table === 'directory' && first.now?.kind === 'domain' ? first.now : found.done.record,
    };
  });
}

async function tenantOrOnly(provision: Provision, name: string | undefined): Promise<Outcome<TenantId>> {
  if (name !== undefined) return parseTenant(name);
  const tenants = await listTenants(provision);
  const [only] = tenants;
  if (only && tenants.length === 1) return { done: only.tenant };
  return refuse(
    only
      ? 'there are several tenants: say which with --tenant'
      : "there is no tenant yet: 'tenant add <name>'",
  );
}

function takenDomain(domain: string, byAsker: boolean): string {
  return byAsker ? `${domain} exists already` : `${domain} belongs to another tenant`;
}
