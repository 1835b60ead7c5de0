/** What the reaper works on, how long it waits, and its limits. All times in milliseconds. */
import type { BodyStore } from '../../mail/ports/body-store.ts';
import type { Clock, Ids } from '../../mail/ports/clock.ts';
import type { DirectoryStore } from '../../mail/ports/directory-store.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import type { LogTrimmer } from '../../mail/ports/log-trimmer.ts';
import type { MessageStore } from '../../mail/ports/message-store.ts';
import type { OutboundBodies } from '../../mail/ports/outbound-bodies.ts';
import type { ReapCursors } from '../../mail/ports/reap-cursors.ts';

export interface ReapPorts {
  readonly log: LogStore & LogTrimmer;
  readonly messages: MessageStore;
  readonly bodies: BodyStore;
  readonly outboundBodies: OutboundBodies;
  readonly cursors: ReapCursors;
  readonly directory: Pick<DirectoryStore, 'tenants' | 'records' | 'commit'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Told of an account or tenant that could not be worked on; the others go on. */
  readonly onProblem?: (what: string, cause: unknown) => void;
}

export interface ReapSettings {
  /** How long an expunged message, or a removed account, can be asked back. */
  readonly undeleteWindowMs: number;
  /** How long log entries stay; at least the undelete window. */
  readonly logRetentionMs: number;
  /** An account or tenant is visited once in so long. */
  readonly visitEveryMs: number;
}

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export const defaultReapSettings: ReapSettings = {
  undeleteWindowMs: 30 * dayMs,
  logRetentionMs: 180 * dayMs,
  visitEveryMs: 20 * hourMs,
};

/** A record that no entry names by then never will be: twice what writers are allowed (account/limits.ts). */
export const orphanRecordMs = dayMs;
/** Ages at which a day's bodies are swept; the second time takes what outbound jobs named at the first. */
export const bodySweepDays = [7, 45] as const;
/** How much clocks of writers may differ. */
export const clockSkewMs = hourMs;
/** Messages claimed by one entry. */
export const claimBatch = 5_000;
/** Entries of the log read at once. */
export const logPage = 1_000;
/** Entries trimmed in one visit. */
export const trimPerVisit = 20_000;
/** Entries since the last snapshot from which the visitor cuts one itself. */
export const snapshotAfter = 500;
/** Requests in flight. */
export const inFlight = 8;

export interface Reaped {
  readonly claimed: number;
  readonly records: number;
  readonly bodies: number;
  readonly trimmed: number;
}

export const nothingReaped: Reaped = { claimed: 0, records: 0, bodies: 0, trimmed: 0 };

export function sumOf(a: Reaped, b: Reaped): Reaped {
  return {
    claimed: a.claimed + b.claimed,
    records: a.records + b.records,
    bodies: a.bodies + b.bodies,
    trimmed: a.trimmed + b.trimmed,
  };
}
