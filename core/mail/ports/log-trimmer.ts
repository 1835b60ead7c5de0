/** The port of the reaper alone: entries that snapshots cover are dropped (docs/log.md, "Retention"). */
import type { AccountKey, ModSeq } from '../ids.ts';

export interface LogTrimmer {
  /**
   * Deletes the oldest entries up to and with `through`, oldest first, at most `limit` of them, and
   * says how many. The caller answers for two whole snapshots at or past `through`.
   */
  trim(account: AccountKey, through: ModSeq, limit: number): Promise<number>;
}
