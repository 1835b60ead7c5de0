/** Brings an account's state into memory: the newest snapshot that is whole, then the tail of the log. */
import { emptyState, fold } from '../../mail/account/apply.ts';
import type { Entry } from '../../mail/account/entry.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import { type AccountPorts, tailPage } from './settings.ts';
import { listSnapshots, readNewestSnapshot, readSnapshot } from './snapshots.ts';

export interface Loaded {
  readonly state: AccountState;
  /** modSeq of the snapshot it began with; 0 for none. */
  readonly snapshotModSeq: number;
}

/** Old entries are gone and no snapshot stands in for them. */
export class LogTruncated extends Error {
  override readonly name = 'LogTruncated';
}

type LoadPorts = Pick<AccountPorts, 'log' | 'bodies'>;

/** Snapshots may be cleared away between the list and the read, since newer ones came: then the list is read again. */
const maxLoadAttempts = 5;

/** The state as of now; `modSeq` 0 where no account was ever opened. */
export async function loadAccount(ports: LoadPorts, account: AccountKey): Promise<Loaded> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToLoad(ports, account);
    } catch (error) {
      if (!(error instanceof LogTruncated) || attempt === maxLoadAttempts) throw error;
    }
  }
}

async function tryToLoad(ports: LoadPorts, account: AccountKey): Promise<Loaded> {
  return (await fromNewest(ports, account)) ?? fromList(ports, account);
}

/** What nearly always does: one read of the bucket. Undefined where the others must be looked through. */
async function fromNewest({ bodies, log }: LoadPorts, account: AccountKey): Promise<Loaded | undefined> {
  const newest = await readNewestSnapshot(bodies, account);
  if (newest === 'damaged') return undefined;
  try {
    if (newest === 'none') return { state: await foldTail(log, account, emptyState), snapshotModSeq: 0 };
    const state = await foldOnto(log, account, newest);
    return state && { state, snapshotModSeq: newest.modSeq };
  } catch (error) {
    if (error instanceof LogTruncated) return undefined;
    throw error;
  }
}

async function fromList(ports: LoadPorts, account: AccountKey): Promise<Loaded> {
  for (const place of await listSnapshots(ports.bodies, account)) {
    const snapshot = await readSnapshot(ports.bodies, place);
    if (snapshot === undefined) continue;
    const state = await foldOnto(ports.log, account, snapshot);
    if (state !== undefined) return { state, snapshotModSeq: place.modSeq };
  }
  return { state: await foldTail(ports.log, account, emptyState), snapshotModSeq: 0 };
}

/**
 * The state as it was at a time in the past, by the writers' clocks; within the undelete window a snapshot from
 * before it is kept. Throws LogTruncated further back, once the log was trimmed.
 */
export async function loadAccountAt(
  ports: LoadPorts,
  account: AccountKey,
  timeMs: number,
): Promise<AccountState> {
  let state = emptyState;
  for (const place of await listSnapshots(ports.bodies, account)) {
    // What was cut by then holds no later entry.
    const snapshot = place.cutAtMs <= timeMs ? await readSnapshot(ports.bodies, place) : undefined;
    if (snapshot === undefined) continue;
    state = snapshot;
    break;
  }
  for (;;) {
    const page = await ports.log.read(account, state.modSeq, tailPage);
    checkNext(state, page[0]);
    const later = page.findIndex(({ atMs }) => atMs > timeMs);
    state = fold(state, later === -1 ? page : page.slice(0, later));
    if (later !== -1 || page.length < tailPage) return state;
  }
}

/**
 * A snapshot and the tail. Undefined if the log does not confirm the snapshot: its own entry is
 * there with other totals, or the log ends before it.
 */
async function foldOnto(
  log: LogStore,
  account: AccountKey,
  snapshot: AccountState,
): Promise<AccountState | undefined> {
  const page = await log.read(account, (snapshot.modSeq - 1) as ModSeq | 0, tailPage);
  const first = page[0];
  if (first === undefined) return undefined;
  if (first.modSeq !== snapshot.modSeq) return foldTail(log, account, snapshot);
  if (!sameTotals(first, snapshot)) return undefined;
  const state = fold(snapshot, page.slice(1));
  return page.length < tailPage ? state : foldTail(log, account, state);
}

function sameTotals({ totals }: Entry, state: AccountState): boolean {
  return totals.bytes === state.totals.bytes && totals.messages === state.totals.messages;
}

/** Folds all entries after the state. Throws LogTruncated if the next one is missing and later ones are there. */
export async function foldTail(
  log: LogStore,
  account: AccountKey,
  from: AccountState,
): Promise<AccountState> {
  let state = from;
  for (;;) {
    const page = await log.read(account, state.modSeq, tailPage);
    const first = page[0];
    if (first === undefined) return state;
    checkNext(state, first);
    state = fold(state, page);
    if (page.length < tailPage) return state;
  }
}

function checkNext(state: AccountState, next: Entry | undefined): void {
  if (next !== undefined && next.modSeq !== state.modSeq + 1)
    throw new LogTruncated(`the log goes from entry ${state.modSeq} to ${next.modSeq}`);
}
