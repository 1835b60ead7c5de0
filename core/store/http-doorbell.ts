/**
 * Rings other tasks: one small POST to each that holds a lease on the account. Whatever goes wrong
 * is dropped, since every holder also looks at the log by itself.
 */
import type { AccountKey, ModSeq } from '../mail/ids.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { BellLease, BellLeases, Doorbell } from '../mail/ports/doorbell.ts';

/** What one ring may take in all. */
const ringTimeoutMs = 1000;

export class HttpDoorbell implements Doorbell {
  readonly #leases: BellLeases;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(leases: BellLeases, clock: Pick<Clock, 'now'>) {
    this.#leases = leases;
    this.#clock = clock;
  }

  ring(account: AccountKey, modSeq: ModSeq): Promise<void> {
    return this.aim(account)(modSeq);
  }

  /** A task that takes its lease between this and the ring is not rung. */
  aim(account: AccountKey): (modSeq: ModSeq) => Promise<void> {
    const looking = this.#leases.list(account, this.#clock.now()).catch(() => []);
    return async (modSeq) => {
      const signal = AbortSignal.timeout(ringTimeoutMs);
      const leases = await looking;
      await Promise.all(leases.map((lease) => post(lease, account, modSeq, signal)));
    };
  }
}

/** Header that carries the task's token. */
export const bellTokenHeader = 'x-postfold-bell';

async function post(
  lease: BellLease,
  account: AccountKey,
  modSeq: ModSeq,
  signal: AbortSignal,
): Promise<void> {
  try {
    const body = JSON.stringify({ tenant: account.tenant, account: account.account, modSeq });
    const answer = await fetch(lease.url, {
      method: 'POST',
      body,
      signal,
      headers: { [bellTokenHeader]: lease.token },
    });
    await answer.body?.cancel();
  } catch {
    // the task is gone or busy; its own look at the log makes up for it
  }
}
