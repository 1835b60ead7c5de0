/**
 * How many recipients elsewhere an account has sent to lately: the most that a stolen password is worth.
 * Kept in memory, so each server counts for itself; RFC 6409 3.1 leaves such limits to us.
 */
import { LeakyCounts } from '../../auth/guessing/leaky-counts.ts';
import { type AccountKey, partitionKey } from '../../mail/ids.ts';
import { maxCountedAccounts } from './limits.ts';

const dayMs = 86_400_000;

export class SendLimit {
  readonly #perDay: number;
  readonly #sent: LeakyCounts;

  /** So many at once, and as many in each day after that; 0: no limit. */
  constructor(perDay: number) {
    this.#perDay = perDay;
    this.#sent = new LeakyCounts({
      leakMs: dayMs / Math.max(1, perDay),
      most: perDay * 2,
      maxKeys: maxCountedAccounts,
    });
  }

  /** Whole minutes until the account may send to so many more; 0: now. */
  waitMinutes(account: AccountKey, recipients: number, nowMs: number): number {
    if (this.#perDay === 0) return 0;
    const over = this.#sent.at(partitionKey(account), nowMs) + recipients - this.#perDay;
    return Math.ceil((Math.max(0, over) * dayMs) / this.#perDay / 60_000);
  }

  /** A message to so many was taken. */
  sent(account: AccountKey, recipients: number, nowMs: number): void {
    if (recipients > 0) this.#sent.add(partitionKey(account), recipients, nowMs);
  }
}
