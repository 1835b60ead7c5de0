/**
 * The one folded state of an account in this process: kept current by reading the log's
 * tail, changed only by appending to it. Knows nothing of sessions; see accounts.ts.
 */
import { apply, fold } from '../../mail/account/apply.ts';
import type { Decision } from '../../mail/account/decision.ts';
import type { Entry } from '../../mail/account/entry.ts';
import { arrivalsOf, nextEntry } from '../../mail/account/next-entry.ts';
import { openingEntry } from '../../mail/account/opening.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey } from '../../mail/ids.ts';
import type { Appended } from '../../mail/ports/log-store.ts';
import type { Committed, Effect } from './contract.ts';
import { foldTail, type Loaded, LogTruncated, loadAccount } from './load.ts';
import {
  type AccountPorts,
  type AccountSettings,
  headKnownForMs,
  maxCommitAttempts,
  maxPutAttempts,
  overdueAfter,
} from './settings.ts';
import { cutSnapshot } from './snapshots.ts';

export class SharedAccount {
  readonly key: AccountKey;
  readonly #ports: AccountPorts;
  readonly #settings: AccountSettings;
  readonly #listeners = new Set<() => void>();
  #state: AccountState;
  #snapshotModSeq: number;
  #readAtMs: number;
  /** Commits of this process go one after the other: they would only lose races against each other. */
  #lastCommit: Promise<unknown> = Promise.resolve();
  #reading: Promise<void> | undefined;
  #readingNext: Promise<void> | undefined;

  private constructor(key: AccountKey, ports: AccountPorts, settings: AccountSettings, loaded: Loaded) {
    this.key = key;
    this.#ports = ports;
    this.#settings = settings;
    this.#state = loaded.state;
    this.#snapshotModSeq = loaded.snapshotModSeq;
    this.#readAtMs = ports.clock.now();
  }

  /** Loads the account; one whose log was never opened is opened. */
  static async load(key: AccountKey, ports: AccountPorts, settings: AccountSettings): Promise<SharedAccount> {
    let loaded = await loadAccount(ports, key);
    if (loaded.state.modSeq === 0) {
      await ports.log.append(key, openingEntry(ports.ids.entryId(), ports.clock.now()));
      loaded = await loadAccount(ports, key);
    }
    return new SharedAccount(key, ports, settings, loaded);
  }

  get state(): AccountState {
    return this.#state;
  }

  /** When the log's end was last read, by this process's clock. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  /** Whether it is being read. */
  get reading(): boolean {
    return this.#reading !== undefined;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the tail. A read under way may have begun before the call, so it does not count; the next one is shared. */
  refresh(): Promise<void> {
    if (this.#reading === undefined) return this.#startReading();
    this.#readingNext ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#readingNext = undefined;
        return this.#startReading();
      });
    return this.#readingNext;
  }

  #startReading(): Promise<void> {
    const work = this.#readTail().finally(() => {
      if (this.#reading === work) this.#reading = undefined;
    });
    this.#reading = work;
    return work;
  }

  async #readTail(): Promise<void> {
    const from = this.#state;
    const readAtMs = this.#ports.clock.now();
    let state: AccountState;
    try {
      state = await foldTail(this.#ports.log, this.key, from);
    } catch (error) {
      // Fell off the log: a snapshot has taken the place of what is missing.
      if (!(error instanceof LogTruncated)) throw error;
      state = (await loadAccount(this.#ports, this.key)).state;
    }
    this.#take(state);
    this.#readAtMs = readAtMs;
  }

  commit(decide: (state: AccountState) => Decision): Promise<Committed> {
    const work = this.#lastCommit.then(() => this.#commit(decide));
    this.#lastCommit = work.catch(() => undefined);
    return work;
  }

  async #commit(decide: (state: AccountState) => Decision): Promise<Committed> {
    if (this.#ports.clock.now() - this.#readAtMs > headKnownForMs) await this.refresh();
    let lostInARow = 0;
    let newest: AccountState | undefined;
    for (let attempt = 0; attempt < maxCommitAttempts; attempt++) {
      const before = this.#state;
      const decision = decide(before);
      if ('append' in decision) {
        const entry = nextEntry(before, decision, this.#ports.ids.entryId(), this.#ports.clock.now());
        const appended = await this.#append(entry);
        if (appended.won) return { kind: 'done', effect: this.#won(entry, before) };
        this.#foldWinner(appended.winner);
        // One lost race is folded from its answer; after two we are further behind than that.
        if (++lostInARow > 1) await this.refresh();
      } else {
        // "No" and "nothing to do" must be true of the newest state, not of the one we happened to have.
        if (before === newest) return committedWithout(decision);
        await this.refresh();
        newest = this.#state;
        if (before === newest) return committedWithout(decision);
      }
    }
    throw new Error(`lost ${maxCommitAttempts} races for the log of an account`);
  }

  /** One put; repeated as it is while its outcome is unknown. */
  async #append(entry: Entry): Promise<Appended> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ports.log.append(this.key, entry);
      } catch (error) {
        if (attempt === maxPutAttempts) throw error;
      }
    }
  }

  #won(entry: Entry, before: AccountState): Effect {
    const after = apply(before, entry);
    this.#take(after);
    this.#ring(entry);
    const appended = arrivalsOf(entry, before, after);
    return { modSeq: entry.modSeq, entry, ...(appended === undefined ? {} : { appended }) };
  }

  #foldWinner(winner: Entry): void {
    if (winner.modSeq === this.#state.modSeq + 1) this.#take(fold(this.#state, [winner]));
  }

  /** Moves forward only: a refresh and a commit may have crossed. */
  #take(state: AccountState): void {
    if (state.modSeq <= this.#state.modSeq) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) this.#tell(listener);
  }

  /** A session's bug must not make another's change look as if it had failed: it is committed by now. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (cause) {
      const { onProblem } = this.#ports;
      if (onProblem !== undefined) onProblem('listener', cause);
      else
        queueMicrotask(() => {
          throw cause;
        });
    }
  }

  #ring(entry: Entry): void {
    const ringing = this.#ports.doorbell?.ring(this.key, entry.modSeq);
    ringing?.catch((cause: unknown) => this.#ports.onProblem?.('doorbell', cause));
  }

  /** The newest snapshot that this account was loaded from or has cut; 0 for none. */
  get snapshotModSeq(): number {
    return this.#snapshotModSeq;
  }

  get #unsnapped(): number {
    return this.#state.modSeq - this.#snapshotModSeq;
  }

  get snapshotDue(): boolean {
    return this.#unsnapped >= this.#settings.snapshotEvery;
  }

  /** Due for so long that it cannot wait for a quiet moment: others have to fold all that. */
  get snapshotOverdue(): boolean {
    return this.#unsnapped >= overdueAfter * this.#settings.snapshotEvery;
  }

  /** Cuts a snapshot if one is due; a failure is only told, the next one makes good for it. */
  async cutSnapshotIfDue(): Promise<void> {
    if (!this.snapshotDue) return;
    const before = this.#snapshotModSeq;
    const state = this.#state;
    this.#snapshotModSeq = state.modSeq;
    const times = { nowMs: this.#ports.clock.now(), undeleteWindowMs: this.#settings.undeleteWindowMs };
    try {
      await cutSnapshot(this.#ports.bodies, this.key, state, times);
    } catch (cause) {
      this.#snapshotModSeq = before;
      this.#ports.onProblem?.('snapshot', cause);
    }
  }
}

function committedWithout(decision: Exclude<Decision, { append: unknown }>): Committed {
  return 'refusal' in decision ? { kind: 'refused', refusal: decision.refusal } : { kind: 'nothing' };
}
