/** What provisioning works with; handed in by the command line, a Lambda or a test. */
import type { AccountId, AccountKey } from '../../mail/ids.ts';
import type { DirectoryStore } from '../../mail/ports/directory-store.ts';

export interface Provision {
  readonly store: DirectoryStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Random, never given before: an address that is made again gets a new, empty account. */
  readonly newAccountId: () => AccountId;
  /** Appends the first log entry, so that deliveries find a head. */
  readonly openLog: (account: AccountKey) => Promise<void>;
}
