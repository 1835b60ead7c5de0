/** Snapshots of accounts as objects in the bucket (docs/log.md, "Snapshots"): cut, found, and cleared away. */
import { decodeSnapshot, encodeSnapshot } from '../../mail/account/snapshot.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';

export interface SnapshotPlace {
  readonly key: string;
  readonly modSeq: ModSeq;
  readonly cutAtMs: number;
}

/** The newest ones that are kept whatever their age. */
const keepNewest = 2;

/** The newest one stands once more under this name: finding it needs no list, which costs as much as twelve reads. */
const newestName = 'newest';

/** Newest first. One list request. */
export async function listSnapshots(
  bodies: BodyStore,
  account: AccountKey,
): Promise<readonly SnapshotPlace[]> {
  const prefix = snapshotPrefix(account);
  const listed = await bodies.list(prefix, '');
  return listed
    .map(({ key, lastModifiedMs }) => ({
      key,
      modSeq: Number(key.slice(prefix.length)) as ModSeq,
      cutAtMs: lastModifiedMs,
    }))
    .filter(({ modSeq }) => Number.isSafeInteger(modSeq) && modSeq > 0)
    .reverse();
}

/** The state in a snapshot; undefined for one that is gone, damaged, mislabelled or of an unknown version. */
export async function readSnapshot(
  bodies: BodyStore,
  place: SnapshotPlace,
): Promise<AccountState | undefined> {
  const octets = await octetsAt(bodies, place.key);
  const state = octets && decodeSnapshot(octets);
  return state?.modSeq === place.modSeq ? state : undefined;
}

/**
 * The newest snapshot, or one cut shortly before it, by one read. `none`: nothing was ever cut, or the
 * very first cut was broken off; `damaged`: others may be whole.
 */
export async function readNewestSnapshot(
  bodies: BodyStore,
  account: AccountKey,
): Promise<AccountState | 'none' | 'damaged'> {
  const octets = await octetsAt(bodies, snapshotPrefix(account) + newestName);
  return octets === undefined ? 'none' : (decodeSnapshot(octets) ?? 'damaged');
}

async function octetsAt(bodies: BodyStore, key: string): Promise<Uint8Array | undefined> {
  return bodies.read(key, 0, Number.POSITIVE_INFINITY).catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === 'BodyMissing') return undefined;
    throw cause;
  });
}

/** Writes the snapshot, under its number and then as the newest, and clears away what it makes superfluous. */
export async function cutSnapshot(
  bodies: BodyStore,
  account: AccountKey,
  state: AccountState,
  { nowMs, undeleteWindowMs }: { readonly nowMs: number; readonly undeleteWindowMs: number },
): Promise<void> {
  const octets = encodeSnapshot(state);
  await bodies.put(snapshotPrefix(account) + String(state.modSeq).padStart(16, '0'), octets);
  await bodies.put(snapshotPrefix(account) + newestName, octets);
  const superfluous = superfluousSnapshots(await listSnapshots(bodies, account), nowMs, undeleteWindowMs);
  if (superfluous.length > 0) await bodies.delete(superfluous.map((place) => place.key));
}

/**
 * All but the two newest, the newest of those cut before the window, and within the window the newest of each
 * quarter of it, without which there would never be a newer one from before the window.
 */
export function superfluousSnapshots(
  newestFirst: readonly SnapshotPlace[],
  nowMs: number,
  undeleteWindowMs: number,
): readonly SnapshotPlace[] {
  const quarters = new Set<number>();
  return newestFirst.filter(({ cutAtMs }, index) => {
    const isOld = cutAtMs <= nowMs - undeleteWindowMs;
    const quarter = isOld ? Number.NEGATIVE_INFINITY : Math.floor(cutAtMs / (undeleteWindowMs / 4));
    const isNewestOfQuarter = !quarters.has(quarter);
    quarters.add(quarter);
    return index >= keepNewest && !isNewestOfQuarter;
  });
}

/** Under which all snapshots of the account lie. */
export function snapshotPrefix({ tenant, account }: AccountKey): string {
  return `${tenant}/accounts/${account}/snapshots/`;
}
