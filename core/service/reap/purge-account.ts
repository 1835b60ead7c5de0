/** Deletes all data of an account that was removed longer ago than the undelete window. */
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import { snapshotPrefix } from '../account/snapshots.ts';
import { deleteRecords } from './release.ts';
import { logPage, nothingReaped, type Reaped, type ReapPorts, sumOf } from './settings.ts';

/** Messages first, the log's head last: whatever is left after a crash is found again. */
export async function purgeAccount(ports: ReapPorts, account: AccountKey): Promise<Reaped> {
  let reaped = nothingReaped;
  for (;;) {
    const records = await ports.messages.list(account, '', logPage);
    if (records.length === 0) break;
    reaped = sumOf(reaped, await deleteRecords(ports, account, records));
  }
  for (;;) {
    const snapshots = await ports.bodies.list(snapshotPrefix(account), '');
    if (snapshots.length === 0) break;
    await ports.bodies.delete(snapshots.map(({ key }) => key));
  }
  for (;;) {
    const trimmed = await ports.log.trim(account, Number.MAX_SAFE_INTEGER as ModSeq, logPage);
    if (trimmed === 0) return reaped;
    reaped = sumOf(reaped, { ...nothingReaped, trimmed });
  }
}
