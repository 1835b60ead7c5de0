/**
 * The doorbell of a task as deployed: leases in the table, rings by HTTP, on loopback. Tells how
 * many rings are under way, so that a test can wait for the last one.
 */
import type { Stores } from '../../bin/start/stores.ts';
import type { AccountKey, ModSeq } from '../../core/mail/ids.ts';
import type { Clock } from '../../core/mail/ports/clock.ts';
import type { Doorbell, DoorbellListener } from '../../core/mail/ports/doorbell.ts';
import { DynamoBellLeases } from '../../core/store/bell-leases.ts';
import { HttpDoorbell } from '../../core/store/http-doorbell.ts';
import { type Bell, startBell } from '../../fargate/shared/bell.ts';

const host = '127.0.0.1';

export class DeployedDoorbell implements Doorbell, DoorbellListener {
  readonly #leases: DynamoBellLeases;
  readonly #http: HttpDoorbell;
  readonly #count: (change: 1 | -1) => void;
  #bell: Bell | undefined;

  constructor({ aws, tables, clock }: Stores, count: (change: 1 | -1) => void) {
    this.#leases = new DynamoBellLeases(aws.dynamo, tables.directory);
    this.#http = new HttpDoorbell(this.#leases, clock);
    this.#count = count;
  }

  /** From now on it can be rung, too. */
  async listen(clock: Clock): Promise<void> {
    this.#bell = await startBell(this.#leases, clock, { host, port: 0, advertisedHost: host });
  }

  ring(account: AccountKey, modSeq: ModSeq): Promise<void> {
    return this.aim(account)(modSeq);
  }

  aim(account: AccountKey): (modSeq: ModSeq) => Promise<void> {
    const ring = this.#http.aim(account);
    return async (modSeq) => {
      this.#count(1);
      await ring(modSeq).finally(() => this.#count(-1));
    };
  }

  async hold(account: AccountKey, onRing: (modSeq: ModSeq) => void): Promise<() => Promise<void>> {
    return (await this.#bell?.hold(account, onRing)) ?? (async () => undefined);
  }

  async close(): Promise<void> {
    await this.#bell?.close();
  }
}
