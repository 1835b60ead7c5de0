/**
 * One run of the model: several processes with several sessions each, and deliveries, all on one account
 * over hostile stores; then the checks. Everything follows from the seed.
 */
import assert from 'node:assert/strict';
import { emptyState, fold, inboxId } from '../../core/mail/account/apply.ts';
import { openingEntry } from '../../core/mail/account/opening.ts';
import type { AccountState } from '../../core/mail/account/state.ts';
import { messageId, plainState } from '../../core/mail/account/testkit.ts';
import type { AccountId, AccountKey, EntryId, MailboxId, MessageId, TenantId } from '../../core/mail/ids.ts';
import type { Ids } from '../../core/mail/ports/clock.ts';
import { SharedAccounts } from '../../core/service/account/accounts.ts';
import { commitAll } from '../../core/service/account/commit-all.ts';
import type { Account, Effect } from '../../core/service/account/contract.ts';
import { deliverToAccount } from '../../core/service/account/deliver.ts';
import { loadAccount } from '../../core/service/account/load.ts';
import { listSnapshots, readSnapshot } from '../../core/service/account/snapshots.ts';
import { sampleRecord } from '../../core/service/account/testkit.ts';
import { FakeClock } from '../../local/fake-clock.ts';
import { seededRandom } from '../support/random.ts';
import { HostileBodies, HostileLog, HostileMessages, Weather } from './hostile.ts';
import { drawWish } from './wishes.ts';

const key: AccountKey = { tenant: 'model' as TenantId, account: 'one' as AccountId };
const processes = 3;
const sessionsPerProcess = 2;
const wishesPerSession = 90;
const deliveries = 60;
/** Entries that no trimming touches: longer than any writer may stall. */
const untrimmed = 80;

export interface RunResult {
  readonly entries: number;
  readonly acknowledged: number;
  readonly failures: number;
  readonly trimmed: number;
}

export async function runModel(seed: number): Promise<RunResult> {
  const run = new Run(seed);
  await run.work();
  await run.check();
  return run.result();
}

class Run {
  readonly #random: () => number;
  readonly #clock = new FakeClock();
  readonly #log: HostileLog;
  readonly #bodies: HostileBodies;
  readonly #messages: HostileMessages;
  readonly #ids: Ids;
  readonly #effects: Effect[] = [];
  readonly #delivered = new Set<MessageId>();
  readonly #seen: { readonly modSeq: number; readonly image: unknown }[] = [];
  readonly #uids = new Map<string, MessageId>();
  #failures = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const weather = new Weather(this.#random);
    this.#log = new HostileLog(weather);
    this.#bodies = new HostileBodies(weather);
    this.#messages = new HostileMessages(weather);
    let count = 0;
    // Time in ids moves with the clock: it stands at the start of 2026 and testkit's ids count seconds of 2023.
    const seconds = () => Math.floor((this.#clock.now() - 1_700_000_000_000) / 1000);
    this.#ids = {
      messageId: () =>
        `${messageId(seconds()).slice(0, -12)}${(++count).toString(16).padStart(12, '0')}` as MessageId,
      entryId: () => `e${++count}` as EntryId,
      mailboxId: () => `m${++count}` as MailboxId,
      random: this.#random,
    };
  }

  get #ports() {
    return {
      log: this.#log,
      bodies: this.#bodies,
      messages: this.#messages,
      clock: this.#clock,
      ids: this.#ids,
    };
  }

  async work(): Promise<void> {
    await insist(() => this.#log.append(key, openingEntry('e0' as EntryId, this.#clock.now())));
    const actors = Array.from({ length: processes }, () => this.#process());
    await Promise.all([...actors, this.#deliver(), this.#reader(), this.#keeper()]);
  }

  /** A process that "crashes" now and then: its accounts are forgotten, its requests under way go on. */
  async #process(): Promise<void> {
    for (let life = 0; life < 3; life++) {
      const accounts = new SharedAccounts(this.#ports, { snapshotEvery: 15 });
      await Promise.all(Array.from({ length: sessionsPerProcess }, () => this.#session(accounts)));
      if (this.#random() < 0.5) await accounts.close();
    }
  }

  async #session(accounts: SharedAccounts): Promise<void> {
    const account = await insist(() => accounts.open(key, 0));
    let last = 0;
    account.onChange(() => {
      assert.ok(account.state.modSeq > last, 'the state of a session went back');
      last = account.state.modSeq;
    });
    for (let n = 0; n < wishesPerSession / 3; n++) {
      const wish = drawWish(this.#random, account.state, this.#ids, this.#clock);
      await this.#attempt(async () => {
        const { effects } = await commitAll(account, wish);
        this.#effects.push(...effects);
      });
      if (this.#random() < 0.3) this.#observe(account.state);
      if (this.#random() < 0.3) await this.#attempt(() => this.#refreshed(account));
    }
    await account.release();
  }

  /** A refresh sees all that was acknowledged before it began. */
  async #refreshed(account: Account): Promise<void> {
    const acknowledged = Math.max(0, ...this.#effects.map(({ modSeq }) => modSeq));
    await account.refresh();
    assert.ok(account.state.modSeq >= acknowledged, 'a refresh missed what was acknowledged');
  }

  /** Each message is tried again until it is acknowledged, and sometimes once more, or by two at once. */
  async #deliver(): Promise<void> {
    for (let n = 0; n < deliveries; n++) {
      const record = sampleRecord(this.#ids.messageId(), key);
      const mailbox = this.#random() < 0.3 ? ('m2' as MailboxId) : inboxId;
      const once = async () => {
        const { outcome } = await deliverToAccount(this.#ports, {
          account: key,
          quotaBytes: 0,
          mailbox,
          record,
          flags: [],
        });
        assert.ok(outcome === 'delivered' || outcome === 'duplicate', outcome);
        this.#delivered.add(record.messageId);
      };
      const tries = this.#random() < 0.5 ? [insist(once), insist(once)] : [insist(once)];
      await Promise.all(tries);
    }
  }

  /** Loads the account from nothing at random moments. */
  async #reader(): Promise<void> {
    for (let n = 0; n < 15; n++) {
      await this.#attempt(async () => this.#observe((await loadAccount(this.#ports, key)).state));
      for (let turn = 0; turn < 200; turn++) await undefined;
    }
  }

  /** Damages snapshots, and trims the log behind two whole ones as the reaper does. */
  async #keeper(): Promise<void> {
    for (let n = 0; n < 40; n++) {
      for (let turn = 0; turn < 400; turn++) await undefined;
      await this.#attempt(async () => {
        const [newest, older] = await listSnapshots(this.#bodies, key);
        if (newest === undefined || older === undefined) return;
        const whole = await Promise.all([newest, older].map((place) => readSnapshot(this.#bodies, place)));
        if (whole.includes(undefined)) return;
        if (older !== undefined) this.#log.trim(Math.min(older.modSeq, this.#log.all().length - untrimmed));
      });
      const keys = [...this.#bodies.objects.keys()].sort();
      // The last key is the newest one's second place.
      const newest = keys.at(this.#random() < 0.5 ? -1 : -2);
      // Only while nothing is trimmed: after that two must stay whole.
      if (newest !== undefined && this.#log.trimmed === 0 && this.#random() < 0.4) {
        const octets = this.#bodies.objects.get(newest)?.slice();
        const at = Math.floor(this.#random() * (octets?.length ?? 0));
        if (octets !== undefined) octets[at] = (octets[at] ?? 0) ^ 1;
        if (octets !== undefined) this.#bodies.objects.set(newest, octets);
      }
    }
  }

  #observe(state: AccountState): void {
    this.#seen.push({ modSeq: state.modSeq, image: plainState(state) });
    for (const { mailbox, uidValidity, columns } of state.mailboxes.values()) {
      for (let row = 0; row < columns.count; row++) {
        const name = `${mailbox} ${uidValidity} ${columns.uid[row]}`;
        const id = columns.messageId(row);
        assert.equal(this.#uids.get(name) ?? id, id, `UID ${name} means two messages`);
        this.#uids.set(name, id);
      }
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isLost(error)) throw error;
      this.#failures++;
    }
  }

  async check(): Promise<void> {
    const log = this.#log.all();
    let state = emptyState;
    const images = log.map((entry) => {
      state = fold(state, [entry]);
      return plainState(state);
    });
    for (const { modSeq, image } of this.#seen)
      assert.deepEqual(image, images[modSeq - 1], `state ${modSeq}`);
    for (const { modSeq, entry } of this.#effects)
      assert.deepEqual(log[modSeq - 1], entry, `acknowledged ${modSeq}`);
    assert.deepEqual(plainState(fold(emptyState, log)), images.at(-1));
    const loaded = await insist(() => loadAccount(this.#ports, key));
    assert.deepEqual(plainState(loaded.state), images.at(-1), 'snapshot and tail differ from the whole log');
    this.#checkTotals(state);
    this.#checkDeliveries();
  }

  #checkTotals(state: AccountState): void {
    let bytes = 0;
    let messages = 0;
    for (const { columns } of state.mailboxes.values()) {
      messages += columns.count;
      for (let row = 0; row < columns.count; row++) bytes += columns.sizeBytes[row] ?? 0;
    }
    assert.deepEqual(state.totals, { bytes, messages });
  }

  #checkDeliveries(): void {
    const times = new Map<MessageId, number>();
    for (const entry of this.#log.all())
      if (entry.kind === 'appended')
        for (const { messageId: id } of entry.messages) times.set(id, (times.get(id) ?? 0) + 1);
    assert.equal(this.#delivered.size, deliveries);
    for (const id of this.#delivered)
      assert.equal(times.get(id), 1, `message ${id} was delivered ${times.get(id)} times`);
  }

  result(): RunResult {
    const { trimmed } = this.#log;
    const entries = this.#log.all().length;
    return { entries, acknowledged: this.#effects.length, failures: this.#failures, trimmed };
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && /was lost$/.test(error.message);
}

/** What a client does that wants it done. */
async function insist<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isLost(error) || attempt === 50) throw error;
    }
  }
}
