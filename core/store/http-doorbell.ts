/**
 * Rings other tasks: one small POST to each that holds a lease on the account. Whatever goes wrong
 * is dropped, since every holder also looks at the log by itself.
 */
import type { AccountKey, ModSeq } from '../mail/ids.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { BellLease, BellLeases, Doorbell } from '../mail/ports/doorbell.ts';

/** What one ring may take in all. */
const ringTimeoutMs = 1000;
/** The same for a task that has not answered last time: leases of a task that died live on for a while. */
const silentTimeoutMs = 100;
/** Tasks remembered to be silent. */
const maxSilent = 100;

export class HttpDoorbell implements Doorbell {
  readonly #leases: BellLeases;
  readonly #clock: Pick<Clock, 'now'>;
  /** URLs; those that failed last come last. */
  readonly #silent = new Set<string>();

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
      const leases = await looking;
      await Promise.all(leases.map((lease) => this.#ringAt(lease, account, modSeq)));
    };
  }

  /** Whatever goes wrong, the task's own look at the log makes up for it. */
  async #ringAt(lease: BellLease, account: AccountKey, modSeq: ModSeq): Promise<void> {
    const timeoutMs = this.#silent.has(lease.url) ? silentTimeoutMs : ringTimeoutMs;
    try {
      await post(lease, account, modSeq, AbortSignal.timeout(timeoutMs));
      this.#silent.delete(lease.url);
    } catch {
      this.#silent.delete(lease.url);
      this.#silent.add(lease.url);
      const [oldest] = this.#silent;
      if (this.#silent.size > maxSilent && oldest !== undefined) this.#silent.delete(oldest);
    }
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
  const body = JSON.stringify({ tenant: account.tenant, account: account.account, modSeq });
  const headers = { [bellTokenHeader]: lease.token };
  const answer = await fetch(lease.url, { method: 'POST', body, signal, headers });
  await answer.body?.cancel();
}
