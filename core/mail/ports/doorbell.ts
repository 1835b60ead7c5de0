/**
 * The port that wakes sessions of other tasks. A lost ring costs latency only: every holder
 * also looks at the log's head now and then.
 */
import type { AccountKey, ModSeq } from '../ids.ts';

export interface Doorbell {
  /** Says that the account's log has reached `modSeq`. Never throws, never waits long (1 s at most). */
  ring(account: AccountKey, modSeq: ModSeq): Promise<void>;
  /**
   * Looks up now whom a later ring goes to, so that the ring itself need not wait for it; what it
   * answers rings them, as `ring` does. Left out where there is nothing to look up.
   */
  aim?(account: AccountKey): (modSeq: ModSeq) => Promise<void>;
}

export interface DoorbellListener {
  /** Announces that this task holds the account open (renewed until released) and wants to be rung. */
  hold(account: AccountKey, onRing: (modSeq: ModSeq) => void): Promise<() => Promise<void>>;
}

/** One task's wish to be rung for an account. */
export interface BellLease {
  /** Where the task listens, for example `http://10.0.3.7:8070`. Names the lease among the account's. */
  readonly url: string;
  /** Random secret of the task: a ring without it is ignored. */
  readonly token: string;
}

export interface BellLeases {
  /** Writes or renews. */
  put(account: AccountKey, lease: BellLease, untilMs: number): Promise<void>;
  delete(account: AccountKey, lease: BellLease): Promise<void>;
  /** Those that have not run out; eventually consistent. One read. */
  list(account: AccountKey, nowMs: number): Promise<readonly BellLease[]>;
}
