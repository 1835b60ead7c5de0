/**
 * The records of tables Routes and Directory, and the port that reads and changes them.
 * Routes is the only table read before the tenant is known, so its items carry all that a
 * recipient check needs. A change names the records it was decided on: all or nothing.
 */
import type { AccountId, TenantId } from '../ids.ts';
import type { DkimKey } from './directory.ts';

/** `@domain` in Routes. */
export interface DomainRoute {
  readonly kind: 'domain';
  readonly tenant: TenantId;
  /** Canonical address that gets what nobody else has. */
  readonly catchAll?: string;
  /** Canonical address that answers for postmaster@ (RFC 5321 4.5.1). */
  readonly postmaster?: string;
}

/** An account's own address in Routes. */
export interface AccountRoute {
  readonly kind: 'account';
  readonly tenant: TenantId;
  readonly account: AccountId;
  /** 0 means no limit. */
  readonly quotaBytes: number;
  /** Canonical addresses. */
  readonly forwards: readonly string[];
  /** Whether the account still gets its own copy when there are forwards. */
  readonly keepCopy: boolean;
}

export interface AliasRoute {
  readonly kind: 'alias';
  readonly tenant: TenantId;
  /** Canonical addresses, ours or not. */
  readonly targets: readonly string[];
}

export type Route = DomainRoute | AccountRoute | AliasRoute;

/** Directory, item `tenant`. */
export interface TenantRecord {
  readonly kind: 'tenant';
  readonly tenant: TenantId;
  readonly createdAtMs: number;
  /** How many domains it has; guards its removal. */
  readonly domains: number;
}

/** Directory, item `domain#<domain>`. */
export interface DomainRecord {
  readonly kind: 'domain';
  readonly tenant: TenantId;
  readonly domain: string;
  readonly createdAtMs: number;
  /** How many account and alias addresses it has; guards its removal. */
  readonly addresses: number;
  readonly dkim: readonly DkimKey[];
  readonly catchAll?: string;
  readonly postmaster?: string;
}

export interface AppPassword {
  readonly name: string;
  /** `sha256$<salt>$<digest>`, see core/auth/passwords/app-password.ts. */
  readonly hash: string;
  readonly createdAtMs: number;
}

/** Directory, item `account#<id>`. */
export interface AccountRecord {
  readonly kind: 'account';
  readonly tenant: TenantId;
  readonly account: AccountId;
  /** Canonical. */
  readonly address: string;
  readonly createdAtMs: number;
  readonly quotaBytes: number;
  /** PHC string of argon2id; absent while no password was set. */
  readonly passwordHash?: string;
  readonly appPasswords: readonly AppPassword[];
  readonly forwards: readonly string[];
  readonly keepCopy: boolean;
}

/** Directory, item `alias#<address>`. */
export interface AliasRecord {
  readonly kind: 'alias';
  readonly tenant: TenantId;
  readonly address: string;
  readonly targets: readonly string[];
  readonly createdAtMs: number;
}

/** Directory, item `removed#<id>`: an account whose data the reaper deletes when the undelete window is over. */
export interface RemovedRecord {
  readonly kind: 'removed';
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly address: string;
  readonly removedAtMs: number;
}

export type DirectoryRecord = TenantRecord | DomainRecord | AccountRecord | AliasRecord | RemovedRecord;

/** A record as read: `rev` changes at every write, so that a change can tell that it is still the same. */
export type Stored<Record> = Record & { readonly rev: string };

/** One record's step from what was read to what it shall be. `now` equal to `was` only checks that it still stands. */
export type Change =
  | {
      readonly table: 'routes';
      readonly key: string;
      readonly was: Stored<Route> | undefined;
      readonly now: Route | undefined;
    }
  | {
      readonly table: 'directory';
      readonly was: Stored<DirectoryRecord> | undefined;
      readonly now: DirectoryRecord | undefined;
    };

export interface DirectoryStore {
  /** Routes by key (canonical address or `@domain`), at most 300; absent ones are missing. One BatchGet per 100. */
  routes(keys: readonly string[], consistent: boolean): Promise<Map<string, Stored<Route>>>;
  /** One item of Directory, strongly consistent. */
  record(tenant: TenantId, item: string): Promise<Stored<DirectoryRecord> | undefined>;
  /** All items of the tenant whose name begins so, in item order, page by page. */
  records(tenant: TenantId, prefix: string): AsyncIterable<Stored<DirectoryRecord>>;
  /** All tenants there ever were: a removed one may have data of removed accounts left. */
  tenants(): AsyncIterable<TenantId>;
  /** All changes (at most 90) or none: false when any record is no longer as it was read. */
  commit(changes: readonly Change[]): Promise<boolean>;
}

/** The sort key of a record in table Directory. */
export function itemOf(record: DirectoryRecord): string {
  switch (record.kind) {
    case 'tenant':
      return 'tenant';
    case 'domain':
      return `domain#${record.domain}`;
    case 'alias':
      return `alias#${record.address}`;
    default:
      return `${record.kind}#${record.account}`;
  }
}
