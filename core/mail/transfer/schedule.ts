/**
 * When a deferred message is tried again, when its sender is told of the delay, and when it
 * is given up. Pure: chance is handed in. RFC 5321 4.5.4.1 (retry at least 30 minutes apart
 * in the long run, give up after 4 to 5 days).
 */

export interface RetryPolicy {
  /** Pause after the first, second ... attempt; the last one repeats. At least one, each at least 1 s. */
  readonly delaysMs: readonly number[];
  /** How long a job is tried, counted from its creation. */
  readonly expiryMs: number;
  /** Age at which the sender is told of the delay, once; 0 means never. */
  readonly warnAfterMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const defaultRetryPolicy: RetryPolicy = {
  delaysMs: [5 * minute, 10 * minute, 20 * minute, 40 * minute, hour, 2 * hour, 4 * hour],
  expiryMs: 5 * day,
  warnAfterMs: 4 * hour,
};

/** Part of the pause that chance adds or takes, so that jobs deferred together do not come back together. */
const jitter = 0.1;
/** A remote that asks for a longer pause than this is not believed. */
const longestPauseMs = day;

/**
 * The pause after attempt number `attempts` (1 = the first): from the policy, or longer when the
 * remote asked for it, spread by ten percent either way.
 * @param random 0 <= x < 1
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempts: number,
  random: number,
  retryAfterMs = 0,
): number {
  const index = Math.min(Math.max(attempts, 1), policy.delaysMs.length) - 1;
  const planned = policy.delaysMs[index] ?? hour;
  const pause = Math.max(planned, Math.min(retryAfterMs, longestPauseMs));
  return Math.round(pause * (1 - jitter + 2 * jitter * random));
}

const units: Readonly<Record<string, number>> = { s: second, m: minute, h: hour, d: day };

/** Reads `90s`, `5m`, `4h` or `5d` (a number and a unit) as milliseconds; undefined if it is none. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text.trim());
  const unit = units[match?.[2] ?? ''];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** Reads `2s,4s,8s` as the pauses of a policy, 1 to 50 of them, each 1 s to 5 d; undefined if it is no such list. */
export function parseRetryDelays(text: string): readonly number[] | undefined {
  const delays = text.split(',').map(parseDurationMs);
  if (delays.length > 50) return undefined;
  const good = delays.filter((delay) => delay !== undefined && delay >= second && delay <= 5 * day);
  return good.length === delays.length ? (good as number[]) : undefined;
}
