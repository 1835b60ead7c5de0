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
  const octets = await bodies.read(place.key, 0, Number.POSITIVE_INFINITY).catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === 'BodyMissing') return new Uint8Array(0);
    throw cause;
  });
  const state = decodeSnapshot(octets);
  return state?.modSeq === place.modSeq ? state : undefined;
}

/** Writes the snapshot, then clears away what it makes superfluous. */
export async function cutSnapshot(
  bodies: BodyStore,
  account: AccountKey,
  state: AccountState,
  { nowMs, undeleteWindowMs }: { readonly nowMs: number; readonly undeleteWindowMs: number },
): Promise<void> {
  const key = snapshotPrefix(account) + String(state.modSeq).padStart(16, '0');
  await bodies.put(key, encodeSnapshot(state));
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
