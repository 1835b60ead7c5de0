/** The doorbell of a Postfold in one process: a ring is a call. */
import { type AccountKey, type ModSeq, partitionKey } from '../../mail/ids.ts';
import type { Doorbell, DoorbellListener } from '../../mail/ports/doorbell.ts';

export class InProcessDoorbell implements Doorbell, DoorbellListener {
  readonly #holders = new Map<string, Set<(modSeq: ModSeq) => void>>();

  async ring(account: AccountKey, modSeq: ModSeq): Promise<void> {
    for (const onRing of this.#holders.get(partitionKey(account)) ?? []) onRing(modSeq);
  }

  async hold(account: AccountKey, onRing: (modSeq: ModSeq) => void): Promise<() => Promise<void>> {
    const key = partitionKey(account);
    const holders = this.#holders.get(key) ?? new Set();
    this.#holders.set(key, holders.add(onRing));
    return async () => {
      holders.delete(onRing);
      if (holders.size === 0) this.#holders.delete(key);
    };
  }
}
