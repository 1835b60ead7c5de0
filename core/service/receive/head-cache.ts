/**
 * Where the logs of accounts stood when this process last delivered to them: saves a read when
 * mail comes in rows. What is old costs a lost race, never more, so it is kept shortly.
 */
import { type AccountKey, partitionKey } from '../../mail/ids.ts';
import type { HeadHint } from '../account/deliver.ts';

const keptMs = 60_000;
const maxAccounts = 10_000;

export class HeadCache {
  /** The longest untouched first. */
  readonly #heads = new Map<string, HeadHint>();

  get(account: AccountKey, nowMs: number): HeadHint | undefined {
    const head = this.#heads.get(partitionKey(account));
    return head && head.knownAtMs > nowMs - keptMs ? head : undefined;
  }

  set(account: AccountKey, head: HeadHint | undefined): void {
    const key = partitionKey(account);
    this.#heads.delete(key);
    if (head) this.#heads.set(key, head);
    const oldest = this.#heads.keys().next().value;
    if (this.#heads.size > maxAccounts && oldest !== undefined) this.#heads.delete(oldest);
  }
}
