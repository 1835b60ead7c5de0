/** Where the reaper got to in one account, kept between visits. */
import type { AccountKey, MessageId, ModSeq } from '../../mail/ids.ts';
import type { ReapCursors } from '../../mail/ports/reap-cursors.ts';

export interface AccountCursor {
  readonly visitedAtMs: number;
  /** Departures up to this entry are dealt with. */
  readonly departures: ModSeq | 0;
  /** Records below this id are named by the log or gone. */
  readonly records: MessageId | '';
  /** No entry up to this one names a record above `records`. */
  readonly recordsLog: ModSeq | 0;
  /** A snapshot that there was; 0 for none. */
  readonly snapshot: number;
}

const start: AccountCursor = { visitedAtMs: 0, departures: 0, records: '', recordsLog: 0, snapshot: 0 };

export async function readCursor(
  cursors: ReapCursors,
  { tenant, account }: AccountKey,
): Promise<AccountCursor> {
  const text = await cursors.get(tenant, `account#${account}`);
  if (text === undefined) return start;
  const stored = JSON.parse(text) as AccountCursor & { readonly v: number };
  return stored.v === 1 ? stored : start;
}

export async function writeCursor(
  cursors: ReapCursors,
  { tenant, account }: AccountKey,
  cursor: AccountCursor,
) {
  await cursors.put(tenant, `account#${account}`, JSON.stringify({ ...cursor, v: 1 }));
}
