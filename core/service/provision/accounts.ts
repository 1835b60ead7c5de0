/**
 * Accounts: made with their log's first entry, shown, given quota and forwards, removed. A
 * removed account stops getting mail and logging in at once; a `removed#` item stays in its
 * place, by which its messages are reaped once they can no longer be asked back.
 */
import type {
  AccountRecord,
  AccountRoute,
  Change,
  RemovedRecord,
  Stored,
} from '../../mail/ports/directory-store.ts';
import { maxTargets } from '../directory/limits.ts';
import { freePlace, type Place, placeOf, routeChange } from './addresses.ts';
import type { Provision } from './context.ts';
import { domainChanges, tenantsNamed } from './domains.ts';
import { parseAddressTexts } from './names.ts';
import { carryOut, type Outcome, type Plan, refuse } from './outcome.ts';

export interface NewAccount {
  readonly address: string;
  /** Checked against the domain's owner when given. */
  readonly tenant?: string;
  /** From hashPassword; absent: no login until one is set. */
  readonly passwordHash?: string;
  /** 0 means no limit. */
  readonly quotaBytes: number;
}

/** Makes the account. The first one of a domain becomes its postmaster. */
export async function addAccount(provision: Provision, wanted: NewAccount): Promise<Outcome<AccountRecord>> {
  // Asked first, so that a refusal leaves no log behind. A log without an account is harmless: ids are used once.
  const place = await freePlace(provision, wanted.address, wanted.tenant);
  if ('refused' in place) return place;
  const { tenant } = place.done.domain.record;
  const account = provision.newAccountId();
  await provision.openLog({ tenant, account });
  return carryOut(provision.store, async () => {
    const free = await freePlace(provision, wanted.address, tenant);
    if ('refused' in free) return free;
    const { address, domain } = free.done;
    const record: AccountRecord = {
      kind: 'account',
      tenant,
      account,
      address,
      createdAtMs: provision.now(),
      quotaBytes: wanted.quotaBytes,
      ...(wanted.passwordHash === undefined ? {} : { passwordHash: wanted.passwordHash }),
      appPasswords: [],
      forwards: [],
      keepCopy: true,
    };
    const changes: readonly Change[] = [
      { table: 'directory', was: undefined, now: record },
      routeChange(free.done, routeOf(record)),
      ...domainChanges(domain, {
        addresses: domain.record.addresses + 1,
        postmaster: domain.record.postmaster ?? address,
      }),
    ];
    return { changes, done: record };
  });
}

/** Of one tenant or all, by address within the tenant. */
export async function listAccounts(
  provision: Provision,
  filter: { readonly tenant?: string; readonly domain?: string },
): Promise<Outcome<readonly AccountRecord[]>> {
  const tenants = await tenantsNamed(provision, filter.tenant);
  if ('refused' in tenants) return tenants;
  const found: AccountRecord[] = [];
  for (const tenant of tenants.done) {
    const ofTenant: AccountRecord[] = [];
    for await (const record of provision.store.records(tenant, 'account#')) {
      if (record.kind !== 'account') continue;
      if (filter.domain === undefined || record.address.endsWith(`@${filter.domain}`)) ofTenant.push(record);
    }
    found.push(...ofTenant.sort((a, b) => (a.address < b.address ? -1 : 1)));
  }
  return { done: found };
}

export interface FoundAccount {
  readonly place: Place;
  readonly record: Stored<AccountRecord>;
}

export async function showAccount(provision: Provision, address: string): Promise<Outcome<FoundAccount>> {
  const place = await placeOf(provision, address);
  if ('refused' in place) return place;
  const { route } = place.done;
  if (route?.kind !== 'account') {
    return refuse(`${place.done.address} is ${route ? 'an alias, no account' : 'no account of ours'}`);
  }
  const record = await provision.store.record(route.tenant, `account#${route.account}`);
  if (record?.kind !== 'account') return refuse(`${place.done.address} was just removed`);
  return { done: { place: place.done, record } };
}

export function setQuota(
  provision: Provision,
  address: string,
  quotaBytes: number,
): Promise<Outcome<AccountRecord>> {
  return changeAccount(provision, address, (record) => ({ done: { ...record, quotaBytes } }));
}

/** Sends copies of all new mail to `targets`; none ends the forwarding. Replaces what was set before. */
export async function setForwards(
  provision: Provision,
  address: string,
  targets: readonly string[],
  keepCopy: boolean,
): Promise<Outcome<AccountRecord>> {
  const forwards = parseAddressTexts(targets);
  if ('refused' in forwards) return forwards;
  if (forwards.done.length > maxTargets) return refuse(`more than ${maxTargets} forwards`);
  return changeAccount(provision, address, (record) =>
    forwards.done.includes(record.address)
      ? refuse(`${record.address} cannot forward to itself`)
      : { done: { ...record, forwards: forwards.done, keepCopy: keepCopy || forwards.done.length === 0 } },
  );
}

/** Replaces the account's record by what `next` makes of it, and the route if that shows in it. */
export function changeAccount(
  provision: Provision,
  address: string,
  next: (record: AccountRecord) => Outcome<AccountRecord>,
): Promise<Outcome<AccountRecord>> {
  return carryOut(provision.store, async (): Promise<Plan<AccountRecord>> => {
    const found = await showAccount(provision, address);
    if ('refused' in found) return found;
    const { place, record } = found.done;
    const now = next(record);
    if ('refused' in now) return now;
    const changes: readonly Change[] = [
      { table: 'directory', was: record, now: now.done },
      routeChange(place, sameRoute(record, now.done) ? place.route : routeOf(now.done)),
    ];
    return { changes, done: now.done };
  });
}

/** Routes and credentials go, the mark for the reaper comes, in one transaction. */
export async function removeAccount(provision: Provision, address: string): Promise<Outcome<AccountRecord>> {
  return carryOut(provision.store, async (): Promise<Plan<AccountRecord>> => {
    const found = await showAccount(provision, address);
    if ('refused' in found) return found;
    const { place, record } = found.done;
    const { postmaster, catchAll, addresses } = place.domain.record;
    const removed: RemovedRecord = {
      kind: 'removed',
      tenant: record.tenant,
      account: record.account,
      address: record.address,
      removedAtMs: provision.now(),
    };
    const heir = postmaster === record.address ? await oldestOther(provision, record) : postmaster;
    const changes: readonly Change[] = [
      routeChange(place, undefined),
      { table: 'directory', was: record, now: undefined },
      { table: 'directory', was: undefined, now: removed },
      ...domainChanges(place.domain, {
        addresses: addresses - 1,
        postmaster: heir,
        catchAll: catchAll === record.address ? undefined : catchAll,
      }),
    ];
    return { changes, done: record };
  });
}

function routeOf({ tenant, account, quotaBytes, forwards, keepCopy }: AccountRecord): AccountRoute {
  return { kind: 'account', tenant, account, quotaBytes, forwards, keepCopy };
}

function sameRoute(one: AccountRecord, other: AccountRecord): boolean {
  return (
    one.quotaBytes === other.quotaBytes && one.keepCopy === other.keepCopy && one.forwards === other.forwards
  );
}

/** The address of the domain's oldest account but this one: its next postmaster. */
async function oldestOther(provision: Provision, leaving: AccountRecord): Promise<string | undefined> {
  const domain = leaving.address.slice(leaving.address.lastIndexOf('@'));
  let oldest: AccountRecord | undefined;
  for await (const record of provision.store.records(leaving.tenant, 'account#')) {
    if (record.kind !== 'account' || record.account === leaving.account) continue;
    if (!record.address.endsWith(domain)) continue;
    if (!oldest || record.createdAtMs < oldest.createdAtMs) oldest = record;
  }
  return oldest?.address;
}
