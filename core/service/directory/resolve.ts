/**
 * What stands behind an address: one batched read for an ordinary one, one more per level of
 * aliases. Loops end because an address is followed once. Targets of other tenants here are
 * followed too: sent out, their mail would come back to us by its MX. Each tenant gets a copy.
 */
import type { Address } from '../../mail/address.ts';
import { partitionKey, type TenantId } from '../../mail/ids.ts';
import type { LocalRecipient, Resolution } from '../../mail/ports/directory.ts';
import type { AccountRoute, AliasRoute, DirectoryStore, Route } from '../../mail/ports/directory-store.ts';
import { maxDepth, maxTargets } from './limits.ts';
import { keyList, type RouteKeys, routeKeys, splitCanonical } from './route-keys.ts';

/** An alias leads deeper or wider than allowed. A failure (451), for half a list would be lost mail. */
export class AliasTooLarge extends Error {
  override readonly name = 'AliasTooLarge';
}

/** Whose forwards are followed: all accounts' for a delivery, none's when asking who may use an address. */
export type Follow = 'aliases-and-forwards' | 'aliases';

/** Resolves the address. Throws AliasTooLarge, and what the store throws. */
export async function resolve(
  store: DirectoryStore,
  address: Address,
  follow: Follow = 'aliases-and-forwards',
): Promise<Resolution> {
  const keys = routeKeys(address);
  const routes = await store.routes(keyList(keys), false);
  const hosted = routes.get(keys.domain);
  if (hosted?.kind !== 'domain') return { kind: 'foreign' };
  const found = pick(keys, routes);
  if (!found) return { kind: 'unknown' };
  return new Expansion(store, hosted.tenant, follow).run(keys.exact, found);
}

/** The first that applies: the address, without detail, postmaster's stand-in, the catch-all. */
function pick(keys: RouteKeys, routes: ReadonlyMap<string, Route>): AccountRoute | AliasRoute | undefined {
  for (const key of [keys.exact, keys.withoutDetail]) {
    const route = key === undefined ? undefined : routes.get(key);
    if (route && route.kind !== 'domain') return route;
  }
  const domain = routes.get(keys.domain);
  if (domain?.kind !== 'domain') return undefined;
  const local = (keys.withoutDetail ?? keys.exact).slice(0, -keys.domain.length);
  const standIn = local === 'postmaster' ? (domain.postmaster ?? domain.catchAll) : domain.catchAll;
  return standIn === undefined ? undefined : { kind: 'alias', tenant: domain.tenant, targets: [standIn] };
}

/** The walk over one address's aliases and forwards. */
class Expansion {
  readonly #store: DirectoryStore;
  readonly #tenant: TenantId;
  readonly #follow: Follow;
  readonly #seen = new Set<string>();
  readonly #local = new Map<string, LocalRecipient>();
  readonly #forwards = new Map<string, Address>();

  constructor(store: DirectoryStore, tenant: TenantId, follow: Follow) {
    this.#store = store;
    this.#tenant = tenant;
    this.#follow = follow;
  }

  async run(address: string, route: AccountRoute | AliasRoute): Promise<Resolution> {
    this.#seen.add(address);
    let next = this.#take(route);
    for (let depth = 1; next.length > 0; depth += 1) {
      if (depth > maxDepth) throw new AliasTooLarge(`${address} leads deeper than ${maxDepth} aliases`);
      if (this.#seen.size > maxTargets + 1) {
        throw new AliasTooLarge(`${address} leads to more than ${maxTargets} addresses`);
      }
      next = await this.#level(next);
    }
    if (this.#local.size + this.#forwards.size === 0) return { kind: 'unknown' };
    return {
      kind: 'known',
      tenant: this.#tenant,
      local: [...this.#local.values()],
      forwards: [...this.#forwards.values()],
    };
  }

  /** Follows all targets of one depth with one read; answers those of the next. */
  async #level(targets: readonly string[]): Promise<readonly string[]> {
    const keyed = targets.map((target) => routeKeys(splitCanonical(target)));
    const routes = await this.#store.routes([...new Set(keyed.flatMap(keyList))], false);
    return keyed.flatMap((keys) => {
      const domain = routes.get(keys.domain);
      if (domain?.kind !== 'domain') {
        this.#forwards.set(keys.exact, splitCanonical(keys.exact));
        return [];
      }
      const found = pick(keys, routes);
      return found ? this.#take(found) : [];
    });
  }

  /** Notes an account and answers the addresses to follow that were not seen yet. */
  #take(route: AccountRoute | AliasRoute): readonly string[] {
    if (route.kind === 'alias') return this.#unseen(route.targets);
    const following = this.#follow === 'aliases-and-forwards' ? route.forwards : [];
    if (route.keepCopy || following.length === 0) {
      const { tenant, account, quotaBytes } = route;
      this.#local.set(partitionKey({ tenant, account }), { account: { tenant, account }, quotaBytes });
    }
    return this.#unseen(following);
  }

  #unseen(targets: readonly string[]): readonly string[] {
    const fresh = targets.filter((target) => !this.#seen.has(target));
    for (const target of fresh) this.#seen.add(target);
    return fresh;
  }
}
