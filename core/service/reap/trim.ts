/** Deletes old log entries, once snapshots that were read back stand in for them (docs/log.md, "Retention"). */
import { fold } from '../../mail/account/apply.ts';
import { encodeSnapshot } from '../../mail/account/snapshot.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import { listSnapshots, readSnapshot } from '../account/snapshots.ts';
import type { AccountCursor } from './cursor.ts';
import { logPage, type ReapPorts, type ReapSettings, trimPerVisit } from './settings.ts';

type TrimPorts = Pick<ReapPorts, 'log' | 'bodies' | 'clock'>;

/** How many entries it deleted; 0 wherever any condition is not met. */
export async function trimLog(
  ports: TrimPorts,
  account: AccountKey,
  cursor: AccountCursor,
  { logRetentionMs }: Pick<ReapSettings, 'logRetentionMs'>,
): Promise<number> {
  const beforeMs = ports.clock.now() - logRetentionMs;
  const [first] = await ports.log.read(account, 0, 1);
  if (first === undefined || first.atMs >= beforeMs) return 0;
  const covered = await coveredBySnapshots(ports, account);
  // Records above the cursor are younger than anything that is trimmed, so it needs no look here.
  const limit = Math.min(covered, cursor.departures);
  const through = await lastBefore(ports.log, account, limit, beforeMs);
  let trimmed = 0;
  while (through > 0 && trimmed < trimPerVisit) {
    const deleted = await ports.log.trim(account, through as ModSeq, logPage);
    trimmed += deleted;
    if (deleted < logPage) break;
  }
  return trimmed;
}

/**
 * The highest entry that all kept snapshots are at or past, provided that the two newest are whole and the log
 * leads from one to the other; else 0.
 */
async function coveredBySnapshots({ bodies, log }: TrimPorts, account: AccountKey): Promise<number> {
  const places = await listSnapshots(bodies, account);
  const [newest, second] = places;
  if (newest === undefined || second === undefined) return 0;
  const states = await Promise.all([newest, second].map((place) => readSnapshot(bodies, place)));
  const [newer, older] = states;
  if (newer === undefined || older === undefined) return 0;
  if (!(await leadsTo(log, account, older, newer))) return 0;
  return places.at(-1)?.modSeq ?? 0;
}

async function leadsTo(
  log: LogStore,
  account: AccountKey,
  older: AccountState,
  newer: AccountState,
): Promise<boolean> {
  let state = older;
  while (state.modSeq < newer.modSeq) {
    const page = await log.read(account, state.modSeq, Math.min(logPage, newer.modSeq - state.modSeq));
    if (page[0]?.modSeq !== state.modSeq + 1) return false;
    state = fold(state, page);
  }
  return Buffer.from(encodeSnapshot(state)).equals(encodeSnapshot(newer));
}

/** The last of the leading entries that are old enough, up to `limit` and never the head; 0 for none. */
async function lastBefore(
  log: LogStore,
  account: AccountKey,
  limit: number,
  beforeMs: number,
): Promise<number> {
  let through = 0;
  for (;;) {
    const page = await log.read(account, through as ModSeq | 0, logPage);
    for (const [index, { modSeq, atMs }] of page.entries()) {
      const isLastOfPage = index === page.length - 1;
      if (modSeq > limit || atMs >= beforeMs) return through;
      // The head must stay; a page that is full has others after it, which the next page tells.
      if (isLastOfPage && page.length < logPage) return through;
      through = modSeq;
    }
    if (page.length < logPage || through >= trimPerVisit + (page[0]?.modSeq ?? 0)) return through;
  }
}
