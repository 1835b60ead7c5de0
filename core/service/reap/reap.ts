/**
 * The reaper: visits every account and tenant and deletes what nobody can ask for any more. Safe to run twice, at
 * the same time, and to be killed anywhere (docs/log.md, "Reaping").
 */
import type { AccountKey, TenantId } from '../../mail/ids.ts';
import type { RemovedRecord, Stored } from '../../mail/ports/directory-store.ts';
import { mapInFlight } from './in-flight.ts';
import { purgeAccount } from './purge-account.ts';
import { reapAccount } from './reap-account.ts';
import {
  defaultReapSettings,
  nothingReaped,
  type Reaped,
  type ReapPorts,
  type ReapSettings,
  sumOf,
} from './settings.ts';
import { sweepBodies } from './sweep-bodies.ts';

export interface ReapReport extends Reaped {
  readonly accounts: number;
  readonly purged: number;
  readonly failures: number;
  /** All that there was to visit was visited. */
  readonly finished: boolean;
}

/** One run; begins nothing new after `untilMs` (the clock's), and goes on from there the next time. */
export async function reap(
  ports: ReapPorts,
  untilMs: number,
  settings: Partial<ReapSettings> = {},
): Promise<ReapReport> {
  const run = new Run(ports, untilMs, { ...defaultReapSettings, ...settings });
  for await (const tenant of ports.directory.tenants()) {
    if (run.isOver) break;
    await run.tenant(tenant);
  }
  return run.report();
}

class Run {
  readonly #ports: ReapPorts;
  readonly #untilMs: number;
  readonly #settings: ReapSettings;
  #sum = nothingReaped;
  #accounts = 0;
  #purged = 0;
  #failures = 0;
  #finished = true;

  constructor(ports: ReapPorts, untilMs: number, settings: ReapSettings) {
    this.#ports = ports;
    this.#untilMs = untilMs;
    this.#settings = settings;
  }

  get isOver(): boolean {
    if (this.#ports.clock.now() >= this.#untilMs) this.#finished = false;
    return !this.#finished;
  }

  report(): ReapReport {
    const { claimed, records, bodies, trimmed } = this.#sum;
    return {
      accounts: this.#accounts,
      purged: this.#purged,
      failures: this.#failures,
      finished: this.#finished,
      claimed,
      records,
      bodies,
      trimmed,
    };
  }

  async tenant(tenant: TenantId): Promise<void> {
    const accounts: AccountKey[] = [];
    for await (const record of this.#ports.directory.records(tenant, 'account#'))
      if (record.kind === 'account') accounts.push({ tenant, account: record.account });
    const removed: Stored<RemovedRecord>[] = [];
    for await (const record of this.#ports.directory.records(tenant, 'removed#'))
      if (record.kind === 'removed') removed.push(record);
    await mapInFlight(accounts, (account) => this.#visit(account));
    // A removed account can be asked back for a while: until then its records hold their bodies.
    const holding = [...accounts, ...removed.map(({ account }) => ({ tenant, account }))];
    await this.#attempt(tenant, () => this.#sweep(tenant, holding));
    for (const record of removed) await this.#purge(record);
  }

  async #visit(account: AccountKey): Promise<void> {
    if (this.isOver) return;
    await this.#attempt(account.account, async () => {
      const reaped = await reapAccount(this.#ports, account, this.#settings);
      if (reaped === undefined) return;
      this.#accounts++;
      this.#sum = sumOf(this.#sum, reaped);
    });
  }

  async #sweep(tenant: TenantId, accounts: readonly AccountKey[]): Promise<void> {
    if (this.isOver) return;
    const bodies = await sweepBodies(this.#ports, tenant, accounts);
    this.#sum = sumOf(this.#sum, { ...nothingReaped, bodies });
  }

  async #purge(record: Stored<RemovedRecord>): Promise<void> {
    const { tenant, account, removedAtMs } = record;
    if (this.isOver || removedAtMs > this.#ports.clock.now() - this.#settings.undeleteWindowMs) return;
    await this.#attempt(account, async () => {
      this.#sum = sumOf(this.#sum, await purgeAccount(this.#ports, { tenant, account }));
      await this.#ports.directory.commit([{ table: 'directory', was: record, now: undefined }]);
      this.#purged++;
    });
  }

  /** One account that cannot be worked on does not keep the others. */
  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.#failures++;
      this.#ports.onProblem?.(what, cause);
    }
  }
}
