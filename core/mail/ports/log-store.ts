/**
 * The port to the account log (docs/log.md). The conditional put is the commit.
 */
import type { Entry } from '../account/entry.ts';
import type { AccountKey, ModSeq } from '../ids.ts';

export type Appended =
  | { readonly won: true }
  /** The entry that stands at that number. If its entryId is ours, the store has already turned this into `won`. */
  | { readonly won: false; readonly winner: Entry };

export interface LogStore {
  /** The newest entry, strongly consistent; undefined where no account was ever opened. One read. */
  head(account: AccountKey): Promise<Entry | undefined>;
  /** Puts the entry at `entry.modSeq` if that number is free; durable when it resolves with `won: true`. One write. */
  append(account: AccountKey, entry: Entry): Promise<Appended>;
  /**
   * Entries with modSeq > after in order, strongly consistent, at most `limit` (a page may be
   * shorter than that only at the end of the log). Entries that retention has dropped are
   * simply missing: the caller sees that the first is not after + 1.
   */
  read(account: AccountKey, after: ModSeq | 0, limit: number): Promise<readonly Entry[]>;
}
