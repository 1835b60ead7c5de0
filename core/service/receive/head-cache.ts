/**
 * Where the logs of accounts stood when this process last delivered to them: saves a read when
 * mail comes in rows. What is old costs a lost race, never more, so it is kept shortly. Deliveries
 * of one process to one account take turns, for they would only race each other.
 */
import { type AccountKey, partitionKey } from '../../mail/ids.ts';
import type { Delivered, HeadHint } from '../account/deliver.ts';

const keptMs = 60_000;
const maxAccounts = 10_000;

export class HeadCache {
  /** The longest untouched first. */
  readonly #heads = new Map<string, HeadHint>();
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Runs `deliver` when those before it are done, with the newest known of the head: ours or `hint`; keeps what it then knows. */
  async turn(
    account: AccountKey,
    hint: HeadHint | undefined,
    nowMs: number,
    deliver: (head: HeadHint | undefined) => Promise<Delivered>,
  ): Promise<Delivered> {
    const key = partitionKey(account);
    const before = this.#turns.get(key);
    const mine = (async () => {
      await before?.catch(() => {}); // its caller hears of it
      const delivered = await deliver(fresher(this.#take(key), hint, nowMs));
      if (delivered.head) this.#keep(key, delivered.head);
      return delivered;
    })();
    this.#turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(key) === mine) this.#turns.delete(key);
    }
  }

  /** Nothing is known of a head while somebody works on it. */
  #take(key: string): HeadHint | undefined {
    const head = this.#heads.get(key);
    this.#heads.delete(key);
    return head;
  }

  #keep(key: string, head: HeadHint): void {
    this.#heads.set(key, head);
    const oldest = this.#heads.keys().next().value;
    if (this.#heads.size > maxAccounts && oldest !== undefined) this.#heads.delete(oldest);
  }
}

/** The head that is further on, unless it is too old to be worth a try. */
function fresher(
  one: HeadHint | undefined,
  other: HeadHint | undefined,
  nowMs: number,
): HeadHint | undefined {
  const newest = (one?.modSeq ?? 0) >= (other?.modSeq ?? 0) ? one : other;
  return newest && newest.knownAtMs > nowMs - keptMs ? newest : undefined;
}
