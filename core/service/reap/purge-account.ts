/** Deletes all data of an account that was removed longer ago than the undelete window. */
import type { AccountKey, ModSeq } from '../../mail/ids.ts';
import { packPrefix } from '../account/packs.ts';
import { snapshotPrefix } from '../account/snapshots.ts';
import { deleteRecords } from './release.ts';
import { logPage, nothingReaped, type Reaped, type ReapPorts, sumOf } from './settings.ts';

/** Messages first, the log's head last: whatever is left after a crash is found again. */
export async function purgeAccount(ports: ReapPorts, account: AccountKey): Promise<Reaped> {
  let reaped = nothingReaped;
  await deleteAll(ports, packPrefix(account));
  for (;;) {
    const records = await ports.messages.list(account, '', logPage);
    if (records.length === 0) break;
    reaped = sumOf(reaped, await deleteRecords(ports, account, records));
  }
  await deleteAll(ports, snapshotPrefix(account));
  for (;;) {
    const trimmed = await ports.log.trim(account, Number.MAX_SAFE_INTEGER as ModSeq, logPage);
    if (trimmed === 0) return reaped;
    reaped = sumOf(reaped, { ...nothingReaped, trimmed });
  }
}

async function deleteAll({ bodies }: ReapPorts, prefix: string): Promise<void> {
  for (;;) {
    const listed = await bodies.list(prefix, '');
    if (listed.length === 0) return;
    await bodies.delete(listed.map(({ key }) => key));
  }
}
