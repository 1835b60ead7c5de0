/** Whether an account has room for one more message: one read of its log's head. RFC 5321 4.5.3.1.10. */
import type { LocalRecipient } from '../../mail/ports/directory.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';

export type Room = 'room' | 'full' | 'never';

/** `never`: larger than the whole account. A message of unknown size counts as one octet. */
export async function roomFor(
  { account, quotaBytes }: LocalRecipient,
  declaredOctets: number | undefined,
  logs: Pick<LogStore, 'head'>,
): Promise<Room> {
  if (quotaBytes === 0) return 'room';
  const size = declaredOctets ?? 1;
  if (size > quotaBytes) return 'never';
  const head = await logs.head(account);
  return (head?.totals.bytes ?? 0) + size > quotaBytes ? 'full' : 'room';
}
