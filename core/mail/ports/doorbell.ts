/**
 * The port that wakes sessions of other tasks. A lost ring costs latency only: every holder
 * also looks at the log's head now and then.
 */
import type { AccountKey, ModSeq } from '../ids.ts';

export interface Doorbell {
  /** Says that the account's log has reached `modSeq`. Never throws, never waits long (1 s at most). */
  ring(account: AccountKey, modSeq: ModSeq): Promise<void>;
}

export interface DoorbellListener {
  /** Announces that this task holds the account open (renewed until released) and wants to be rung. */
  hold(account: AccountKey, onRing: (modSeq: ModSeq) => void): Promise<() => Promise<void>>;
}
