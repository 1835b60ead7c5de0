/**
 * The port to tables Routes and Directory as the servers see it: who gets mail for an
 * address, who may log in, who may send as whom. Provisioning has its own port.
 */
import type { Address } from '../address.ts';
import type { AccountKey, TenantId } from '../ids.ts';

/** Somebody of ours who gets a copy. */
export interface LocalRecipient {
  readonly account: AccountKey;
  /** Largest total of the account's messages; Infinity is not stored: 0 means no limit. */
  readonly quotaBytes: number;
}

/** What stands behind a recipient address, aliases and forwards followed (at most 5 deep, 100 targets). */
export type Resolution =
  /** The domain is none of ours: relay it for those who may, refuse it otherwise. */
  | { readonly kind: 'foreign' }
  /** The domain is ours, the address is not: 550 5.1.1. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'known';
      readonly tenant: TenantId;
      readonly local: readonly LocalRecipient[];
      /** Addresses elsewhere that get a copy. */
      readonly forwards: readonly Address[];
    };

/** Who a session is, once authenticated. */
export interface Identity {
  readonly account: AccountKey;
  /** The account's own address, canonical form. */
  readonly login: string;
  readonly quotaBytes: number;
}

export interface DkimKey {
  readonly selector: string;
  readonly algorithm: 'rsa' | 'ed25519';
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

export interface Domain {
  readonly name: string;
  readonly tenant: TenantId;
  readonly dkim: readonly DkimKey[];
}

export interface Directory {
  /** One BatchGet for an ordinary address: exact, without plus detail, catch-all and domain. */
  resolve(address: Address): Promise<Resolution>;
  /**
   * Verifies a login name (the account's address) and a password or app password. Undefined for
   * a wrong pair, without telling which half was wrong and taking as long either way.
   */
  authenticate(login: string, password: string): Promise<Identity | undefined>;
  /** Whether the account may use the address as reverse-path or author: its own, with plus detail, or an alias leading to it. */
  mayUse(identity: Identity, address: Address): Promise<boolean>;
  /** A hosted domain with its keys; cached briefly. */
  domain(name: string): Promise<Domain | undefined>;
}
