/** The settings of the `reap` Lambda, read from its environment. The names are the contract with lib/. */
import { defaultReapSettings, type ReapSettings } from '../../core/service/reap/settings.ts';

/** All texts; the optional ones have defaults. */
export interface ReapEnvironment {
  readonly POSTFOLD_TABLE_PREFIX: string;
  readonly POSTFOLD_BUCKET: string;
  /** Days in which expunged messages and removed accounts can be asked back: `30`. */
  readonly POSTFOLD_UNDELETE_DAYS?: string;
  /** Days that log entries stay, at least the undelete days: `180`. */
  readonly POSTFOLD_LOG_DAYS?: string;
}

export interface ReapPlaces {
  readonly tablePrefix: string;
  readonly bucket: string;
}

const dayMs = 24 * 3_600_000;

/** Throws an Error that names the variable which is missing or cannot be read. */
export function readReapSettings(
  env: Readonly<Record<string, string | undefined>>,
): ReapPlaces & Partial<ReapSettings> {
  const bucket = env.POSTFOLD_BUCKET;
  if (bucket === undefined || bucket === '') throw new Error('POSTFOLD_BUCKET is not set');
  const undeleteWindowMs = days(env, 'POSTFOLD_UNDELETE_DAYS') ?? defaultReapSettings.undeleteWindowMs;
  const logRetentionMs =
    days(env, 'POSTFOLD_LOG_DAYS') ?? Math.max(defaultReapSettings.logRetentionMs, undeleteWindowMs);
  if (logRetentionMs < undeleteWindowMs) throw new Error('POSTFOLD_LOG_DAYS is less than the undelete days');
  return { tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '', bucket, undeleteWindowMs, logRetentionMs };
}

function days(
  env: Readonly<Record<string, string | undefined>>,
  name: keyof ReapEnvironment,
): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  // At least two days: writers may name a message for 12 hours, and orphans are claimed after a day.
  if (!/^\d{1,5}$/.test(text) || Number(text) < 2)
    throw new Error(`${name} is '${text}', not a number of days from 2`);
  return Number(text) * dayMs;
}
