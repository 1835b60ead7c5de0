/**
 * The accounts that sessions of this process hold: each is loaded once, shared, kept current
 * while somebody holds it, and dropped some time after nobody does.
 */
import { type AccountKey, type ModSeq, partitionKey } from '../../mail/ids.ts';
import { BodyReader } from './body-reader.ts';
import type { Account, Accounts } from './contract.ts';
import { AccountHandle } from './handle.ts';
import { RecordReader } from './record-reader.ts';
import {
  type AccountPorts,
  type AccountSettings,
  defaultAccountSettings,
  lookAfterLeaseMs,
} from './settings.ts';
import { SharedAccount } from './shared-account.ts';

interface Held {
  readonly loading: Promise<SharedAccount>;
  holders: number;
  /** Ends the periodic look, or the wait before an idle account is dropped. */
  cancelTimer: () => void;
  /** Whether its timer runs. */
  attended: boolean;
  /** Whether somebody has waited for news since it is held. */
  listened: boolean;
  /** Ends the wish to be rung; undefined while nobody has it. */
  letGo: Promise<() => Promise<void>> | undefined;
}

export class SharedAccounts implements Accounts {
  readonly #ports: AccountPorts;
  readonly #settings: AccountSettings;
  readonly #held = new Map<string, Held>();
  readonly #records: RecordReader;
  readonly #bodies: BodyReader;
  /** Work that no session waits for. */
  readonly #background = new Set<Promise<unknown>>();

  constructor(ports: AccountPorts, settings: Partial<AccountSettings> = {}) {
    this.#ports = ports;
    this.#settings = { ...defaultAccountSettings, ...settings };
    this.#records = new RecordReader(ports, this.#settings, (work) => this.#inBackground(work));
    this.#bodies = new BodyReader(ports.bodies, this.#settings);
  }

  /** Accounts in memory, held or not. */
  get size(): number {
    return this.#held.size;
  }

  async open(account: AccountKey, quotaBytes: number): Promise<Account> {
    const name = partitionKey(account);
    const known = this.#held.get(name);
    const held = known ?? this.#load(account, name);
    if (held.holders++ === 0) held.cancelTimer();
    try {
      const shared = await held.loading;
      if (known !== undefined) await shared.refresh();
      if (!held.attended) this.#attend(held, shared);
      return new AccountHandle(shared, quotaBytes, this.#ports, this.#records, this.#bodies, {
        listened: () => this.#beRung(held, shared),
        asked: () => this.#lookIfOld(held, shared),
        released: () => this.#release(name, held, shared),
      });
    } catch (error) {
      held.holders--;
      if (held.holders === 0) this.#drop(name, held);
      throw error;
    }
  }

  /** Waits for snapshots and the like; call it when the process drains. */
  async close(): Promise<void> {
    for (const [name, held] of this.#held) this.#drop(name, held);
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  #load(account: AccountKey, name: string): Held {
    const loading = SharedAccount.load(account, this.#ports, this.#settings);
    const held: Held = {
      loading,
      holders: 0,
      cancelTimer: () => undefined,
      attended: false,
      listened: false,
      letGo: undefined,
    };
    this.#held.set(name, held);
    return held;
  }

  /** Somebody holds it now: see from time to time whether there is something to do. */
  #attend(held: Held, shared: SharedAccount): void {
    held.attended = true;
    held.cancelTimer();
    this.#lookLater(held, shared, this.#lookEveryMs);
  }

  /**
   * Somebody waits for news, so be rung. Not before: a lease is a write, and most sessions only ask. A writer that had
   * looked for leases before there was ours does not ring; the look that follows soon makes up for it.
   */
  #beRung(held: Held, shared: SharedAccount): void {
    const { listener, onProblem } = this.#ports;
    held.listened = true;
    if (listener === undefined || held.letGo !== undefined) return;
    const onRing = (modSeq: ModSeq) => {
      if (modSeq > shared.state.modSeq) this.#look(shared);
    };
    const letGo = listener.hold(shared.key, onRing).catch((cause: unknown) => {
      onProblem?.('doorbell', cause);
      if (held.letGo === letGo) held.letGo = undefined; // the next who waits tries again
      return async () => undefined;
    });
    held.letGo = letGo;
    held.cancelTimer();
    this.#lookLater(held, shared, lookAfterLeaseMs);
  }

  get #lookEveryMs(): number {
    const { lookEveryMs, lookEveryRungMs } = this.#settings;
    return this.#ports.listener === undefined ? lookEveryMs : lookEveryRungMs;
  }

  #lookLater(held: Held, shared: SharedAccount, delayMs: number): void {
    const before = shared.state;
    held.cancelTimer = this.#ports.clock.after(delayMs, () => {
      if (held.listened) this.#look(shared);
      if (shared.state === before || shared.snapshotOverdue) this.#inBackground(shared.cutSnapshotIfDue());
      this.#lookLater(held, shared, this.#lookEveryMs);
    });
  }

  /** Where nobody waits for news, nobody looks for them; who asks something is told at the next command what was new. */
  #lookIfOld(held: Held, shared: SharedAccount): void {
    const oldMs = this.#ports.clock.now() - this.#lookEveryMs;
    if (!held.listened && !shared.reading && shared.readAtMs < oldMs) this.#look(shared);
  }

  #look(shared: SharedAccount): void {
    this.#inBackground(shared.refresh().catch((cause: unknown) => this.#ports.onProblem?.('refresh', cause)));
  }

  async #release(name: string, held: Held, shared: SharedAccount): Promise<void> {
    if (--held.holders > 0) return;
    if (this.#held.get(name) === held) {
      this.#held.delete(name);
      this.#held.set(name, held); // to the end of the line of those that are dropped
    }
    this.#stopBeingRung(held);
    this.#inBackground(shared.cutSnapshotIfDue());
    held.attended = false;
    held.listened = false;
    held.cancelTimer();
    held.cancelTimer = this.#ports.clock.after(this.#settings.keepIdleMs, () => this.#drop(name, held));
    this.#dropOldestIdle();
  }

  #dropOldestIdle(): void {
    const idle = [...this.#held].filter(([, { holders }]) => holders === 0);
    for (const [name, held] of idle.slice(0, Math.max(0, idle.length - this.#settings.maxIdleAccounts)))
      this.#drop(name, held);
  }

  #drop(name: string, held: Held): void {
    held.cancelTimer();
    this.#stopBeingRung(held);
    if (this.#held.get(name) === held) this.#held.delete(name);
  }

  #stopBeingRung(held: Held): void {
    const { letGo } = held;
    held.letGo = undefined;
    if (letGo === undefined) return;
    const ended = letGo
      .then((end) => end())
      .catch((cause: unknown) => this.#ports.onProblem?.('doorbell', cause));
    this.#inBackground(ended);
  }

  #inBackground(work: Promise<unknown>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }
}
