/** Tenants: made, listed, removed when they are empty. */
import type { TenantId } from '../../mail/ids.ts';
import type { Stored, TenantRecord } from '../../mail/ports/directory-store.ts';
import type { Provision } from './context.ts';
import { parseTenant } from './names.ts';
import { carryOut, type Outcome, refuse } from './outcome.ts';

export async function addTenant(provision: Provision, name: string): Promise<Outcome<TenantRecord>> {
  const tenant = parseTenant(name);
  if ('refused' in tenant) return tenant;
  return carryOut(provision.store, async () => {
    if (await readTenant(provision, tenant.done)) return refuse(`tenant ${name} exists already`);
    const now: TenantRecord = {
      kind: 'tenant',
      tenant: tenant.done,
      createdAtMs: provision.now(),
      domains: 0,
    };
    return { changes: [{ table: 'directory', was: undefined, now }], done: now };
  });
}

/** In name order. */
export async function listTenants(provision: Provision): Promise<readonly TenantRecord[]> {
  const records: TenantRecord[] = [];
  for await (const tenant of provision.store.tenants()) {
    const record = await readTenant(provision, tenant);
    if (record) records.push(record);
  }
  return records;
}

export async function showTenant(provision: Provision, name: string): Promise<Outcome<TenantRecord>> {
  const tenant = parseTenant(name);
  if ('refused' in tenant) return tenant;
  const record = await readTenant(provision, tenant.done);
  return record ? { done: record } : refuse(`there is no tenant ${name}`);
}

/** Refused while the tenant has domains: its data would be left without an owner. */
export async function removeTenant(provision: Provision, name: string): Promise<Outcome<TenantRecord>> {
  return carryOut(provision.store, async () => {
    const found = await showTenant(provision, name);
    if ('refused' in found) return found;
    const was = await readTenant(provision, found.done.tenant);
    if (!was) return refuse(`there is no tenant ${name}`);
    if (was.domains > 0)
      return refuse(`tenant ${name} still has ${was.domains} domain(s): remove them first`);
    return { changes: [{ table: 'directory', was, now: undefined }], done: was };
  });
}

export async function readTenant(
  { store }: Provision,
  tenant: TenantId,
): Promise<Stored<TenantRecord> | undefined> {
  const record = await store.record(tenant, 'tenant');
  return record?.kind === 'tenant' ? record : undefined;
}
