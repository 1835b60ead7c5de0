/**
 * The Directory port over tables Routes and Directory: recipients, logins, who may send as
 * whom, hosted domains. Knows no protocol; provisioning is its writing half.
 */
import type { PasswordVerifier } from '../../auth/passwords/verifier.ts';
import { type Address, canonical } from '../../mail/address.ts';
import { partitionKey } from '../../mail/ids.ts';
import type { Directory, Domain, Identity, Resolution } from '../../mail/ports/directory.ts';
import type { DirectoryStore } from '../../mail/ports/directory-store.ts';
import { authenticate } from './authenticate.ts';
import { domainCacheMs, domainCacheSize } from './limits.ts';
import { resolve } from './resolve.ts';

interface CachedDomain {
  readonly domain: Domain | undefined;
  readonly untilMs: number;
}

export class StoredDirectory implements Directory {
  readonly #store: DirectoryStore;
  readonly #verifier: PasswordVerifier;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #domains = new Map<string, CachedDomain>();

  constructor(store: DirectoryStore, verifier: PasswordVerifier, now: () => number) {
    this.#store = store;
    this.#verifier = verifier;
    this.#now = now;
  }

  resolve(address: Address): Promise<Resolution> {
    return resolve(this.#store, address);
  }

  authenticate(login: string, password: string): Promise<Identity | undefined> {
    return authenticate(this.#store, this.#verifier, login, password);
  }

  /** Own address (with any detail), or an alias, stand-in or catch-all whose mail comes to the account without a forward. */
  async mayUse(identity: Identity, address: Address): Promise<boolean> {
    if (canonical(address) === identity.login) return true;
    const found = await resolve(this.#store, address, 'aliases');
    if (found.kind !== 'known' || found.tenant !== identity.account.tenant) return false;
    return found.local.some(({ account }) => partitionKey(account) === partitionKey(identity.account));
  }

  async domain(name: string): Promise<Domain | undefined> {
    const cached = this.#domains.get(name);
    if (cached && cached.untilMs > this.#now()) return cached.domain;
    const domain = await this.#read(name);
    this.#domains.delete(name);
    this.#domains.set(name, { domain, untilMs: this.#now() + domainCacheMs });
    const oldest = this.#domains.keys().next().value;
    if (this.#domains.size > domainCacheSize && oldest !== undefined) this.#domains.delete(oldest);
    return domain;
  }

  async #read(name: string): Promise<Domain | undefined> {
    const key = `@${name}`;
    const route = (await this.#store.routes([key], false)).get(key);
    if (route?.kind !== 'domain') return undefined;
    const record = await this.#store.record(route.tenant, `domain#${name}`);
    if (record?.kind !== 'domain') return undefined;
    return { name, tenant: record.tenant, dkim: record.dkim };
  }
}
