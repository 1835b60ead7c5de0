/** The port to the list of all accounts, for work that visits each: the reaper, reports. */
import type { AccountKey } from '../ids.ts';

/** An account that gets no mail and lets nobody in any more, and whose data is still there. */
export interface RemovedAccount {
  readonly account: AccountKey;
  readonly removedAtMs: number;
}

export interface AccountLister {
  /** Every account of every tenant, each once, in no promised order; those made meanwhile may be missing. */
  accounts(): AsyncIterable<AccountKey>;
  /** Removed accounts whose mark still stands (docs/directory.md, "Removal"). */
  removed(): AsyncIterable<RemovedAccount>;
  /** Takes the mark of a removed account away, when the last of its data is gone. Idempotent. */
  forget(account: AccountKey): Promise<void>;
}
