/** The port to the list of all accounts, for work that visits each: the reaper, reports. */
import type { AccountKey } from '../ids.ts';

export interface AccountLister {
  /** Every account of every tenant, each once, in no promised order; those made meanwhile may be missing. */
  accounts(): AsyncIterable<AccountKey>;
}
