/** One visit to one account: old departures, orphaned records, a snapshot where one is missing, the log's old end. */
import type { AccountKey } from '../../mail/ids.ts';
import { defaultAccountSettings } from '../account/settings.ts';
import { SharedAccount } from '../account/shared-account.ts';
import { type AccountCursor, readCursor, writeCursor } from './cursor.ts';
import { readDepartures, withoutLaterDepartures } from './departures.ts';
import { findOrphans } from './orphans.ts';
import { release } from './release.ts';
import {
  nothingReaped,
  orphanRecordMs,
  type Reaped,
  type ReapPorts,
  type ReapSettings,
  snapshotAfter,
  sumOf,
} from './settings.ts';
import { trimLog } from './trim.ts';

/** Undefined where the account was visited lately, or was never opened. An account at rest costs five small reads. */
export async function reapAccount(
  ports: ReapPorts,
  account: AccountKey,
  settings: ReapSettings,
): Promise<Reaped | undefined> {
  const visitedAtMs = ports.clock.now();
  const before = await readCursor(ports.cursors, account);
  if (before.visitedAtMs > visitedAtMs - settings.visitEveryMs) return undefined;
  const head = await ports.log.head(account);
  if (head === undefined) return undefined;
  const visit = new Visit(ports, account, settings);
  let cursor: AccountCursor = { ...before, ...(await visit.departures(before)) };
  cursor = { ...cursor, ...(await visit.orphans(cursor)) };
  if (head.modSeq - cursor.snapshot > snapshotAfter)
    cursor = { ...cursor, snapshot: await visit.cutSnapshotIfDue() };
  const trimmed = await trimLog(ports, account, cursor, settings);
  await writeCursor(ports.cursors, account, { ...cursor, visitedAtMs });
  return sumOf(visit.reaped, { ...nothingReaped, trimmed });
}

class Visit {
  readonly #ports: ReapPorts;
  readonly #key: AccountKey;
  readonly #settings: ReapSettings;
  #account: SharedAccount | undefined;
  reaped = nothingReaped;

  constructor(ports: ReapPorts, key: AccountKey, settings: ReapSettings) {
    this.#ports = ports;
    this.#key = key;
    this.#settings = settings;
  }

  async departures(cursor: AccountCursor): Promise<Pick<AccountCursor, 'departures'>> {
    const beforeMs = this.#ports.clock.now() - this.#settings.undeleteWindowMs;
    let after = cursor.departures;
    for (;;) {
      const { ids, through, more } = await readDepartures(this.#ports.log, this.#key, after, beforeMs);
      if (ids.length > 0)
        await this.#release(await withoutLaterDepartures(this.#ports.log, this.#key, through, ids));
      after = through;
      if (!more) return { departures: after };
      await writeCursor(this.#ports.cursors, this.#key, { ...cursor, departures: after });
    }
  }

  async orphans(cursor: AccountCursor): Promise<Pick<AccountCursor, 'records' | 'recordsLog'>> {
    const beforeMs = this.#ports.clock.now() - orphanRecordMs;
    const { ids, records, recordsLog } = await findOrphans(this.#ports, this.#key, cursor, beforeMs);
    if (ids.length > 0) await this.#release(ids);
    return { records, recordsLog };
  }

  /** The newest snapshot then. */
  async cutSnapshotIfDue(): Promise<number> {
    const account = await this.#load();
    await account.refresh();
    await account.cutSnapshotIfDue();
    return account.snapshotModSeq;
  }

  async #release(ids: Parameters<typeof release>[2]): Promise<void> {
    const account = await this.#load();
    this.reaped = sumOf(this.reaped, await release(this.#ports, account, ids));
  }

  async #load(): Promise<SharedAccount> {
    const { undeleteWindowMs } = this.#settings;
    const settings = { ...defaultAccountSettings, undeleteWindowMs, snapshotEvery: snapshotAfter };
    this.#account ??= await SharedAccount.load(this.#key, this.#ports, settings);
    return this.#account;
  }
}
