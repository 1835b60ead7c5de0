/** Whether an account has room for one more message: one read of its log's head. RFC 5321 4.5.3.1.10. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { LocalRecipient } from '../../mail/ports/directory.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import type { HeadHint } from '../account/deliver.ts';

export interface Room {
  /** `never`: larger than the whole account. */
  readonly room: 'room' | 'full' | 'never';
  /** What was read to know it; nothing where there is no limit. */
  readonly head?: HeadHint;
}

/** A message of unknown size counts as one octet. */
export async function roomFor(
  { account, quotaBytes }: LocalRecipient,
  declaredOctets: number | undefined,
  logs: Pick<LogStore, 'head'>,
  clock: Pick<Clock, 'now'>,
): Promise<Room> {
  if (quotaBytes === 0) return { room: 'room' };
  const size = declaredOctets ?? 1;
  if (size > quotaBytes) return { room: 'never' };
  const knownAtMs = clock.now();
  const entry = await logs.head(account);
  if (entry === undefined) return { room: 'room' };
  const { modSeq, totals } = entry;
  return { room: totals.bytes + size > quotaBytes ? 'full' : 'room', head: { modSeq, totals, knownAtMs } };
}
