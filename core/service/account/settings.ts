/** What the shared accounts of a process need, and their limits with defaults. */
import type { BodyStore } from '../../mail/ports/body-store.ts';
import type { Clock, Ids } from '../../mail/ports/clock.ts';
import type { Doorbell, DoorbellListener } from '../../mail/ports/doorbell.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import type { MessageStore } from '../../mail/ports/message-store.ts';

export interface AccountPorts {
  readonly log: LogStore;
  readonly messages: MessageStore;
  readonly bodies: BodyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Wakes the sessions of other tasks. */
  readonly doorbell?: Doorbell;
  /** Is woken by other tasks. */
  readonly listener?: DoorbellListener;
  /** Told of failures that stop nothing: a look-up, a ring or a snapshot that did not work. */
  readonly onProblem?: (what: string, cause: unknown) => void;
}

export interface AccountSettings {
  /** Between two looks at the log while somebody waits for news of the account. */
  readonly lookEveryMs: number;
  /** The same where a doorbell rings: then a look only makes good a lost ring. */
  readonly lookEveryRungMs: number;
  /** How long the state of an account that nobody holds is kept. */
  readonly keepIdleMs: number;
  /** Accounts kept that nobody holds. */
  readonly maxIdleAccounts: number;
  /** Entries of the log between two snapshots. */
  readonly snapshotEvery: number;
  /** How far back the past can be folded. */
  readonly undeleteWindowMs: number;
  /** Of all accounts together. */
  readonly recordCacheBytes: number;
  readonly packCacheBytes: number;
  readonly bodyCacheBytes: number;
  /** Bodies up to this are read and cached whole; of larger ones only ranges that end before it are cached. */
  readonly smallBodyBytes: number;
}

export const defaultAccountSettings: AccountSettings = {
  lookEveryMs: 15_000,
  lookEveryRungMs: 60_000,
  keepIdleMs: 60_000,
  maxIdleAccounts: 200,
  snapshotEvery: 500,
  undeleteWindowMs: 30 * 24 * 3_600_000,
  recordCacheBytes: 32 * 1024 * 1024,
  packCacheBytes: 32 * 1024 * 1024,
  bodyCacheBytes: 64 * 1024 * 1024,
  smallBodyBytes: 128 * 1024,
};

/** From the wish to be rung to a look for what was written while that wish was not known yet (leases are read eventually consistent). */
export const lookAfterLeaseMs = 2_000;
/** Lost races in a row before a change gives up; each lost race is somebody else's progress. */
export const maxCommitAttempts = 100;
/** Tries of one put whose outcome is unknown, on top of the SDK's own. */
export const maxPutAttempts = 3;
/** Times `snapshotEvery` after which a snapshot is cut although the account is busy. */
export const overdueAfter = 4;
/** Entries asked for at once when the tail is read. */
export const tailPage = 1_000;
/**
 * A head or a state read longer ago than this is read again before anything is appended to it: the
 * numbers after it may have been used and trimmed since, and a put there would be lost (docs/log.md).
 */
export const headKnownForMs = 3_600_000;
/** Records of one walk from which packs are looked for, and of a pack that is worth an object in the bucket. */
export const minPackRecords = 1_000;
/** Records of a walk that are asked for at once; as many are read ahead. */
export const scanBatch = 200;
/** The same while all walks together hold more than they should. */
export const shortScanBatch = 4;
/** Octets of records that all walks of a process may hold before their batches get short. */
export const maxWalkOctets = 128 * 1024 * 1024;
/** Walks that make packs at a time: each holds up to 2,048 records. */
export const maxPackBuilders = 8;
/** A walk that has read nothing for so long waits for its client: another may make packs in its place. */
export const builderStalledMs = 30_000;
/** Pages of 1,000 packs of one account: more records than a table's partition is good for. */
export const maxPackPages = 100;
