/**
 * Lets go of messages that no mailbox names: claim, mark, look, delete the body, delete the record, in this
 * order (docs/log.md, "Reaping"). Every step may be repeated; a crash after any is made good by the next run.
 */
import assert from 'node:assert/strict';
import { decideReap, unnamedOf } from '../../mail/account/decide-reap.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { Committed } from '../account/contract.ts';
import { forgetInPacks } from '../account/packs.ts';
import type { SharedAccount } from '../account/shared-account.ts';
import { mapInFlight } from './in-flight.ts';
import { claimBatch, nothingReaped, type Reaped, type ReapPorts, sumOf } from './settings.ts';

type ReleasePorts = Pick<ReapPorts, 'messages' | 'bodies' | 'outboundBodies'>;

/** Claims those of the ids that no mailbox names, then deletes what nobody else holds. */
export async function release(
  ports: ReleasePorts,
  account: SharedAccount,
  ids: readonly MessageId[],
): Promise<Reaped> {
  let reaped = nothingReaped;
  for (let at = 0; at < ids.length; at += claimBatch)
    reaped = sumOf(reaped, await releaseBatch(ports, account, ids.slice(at, at + claimBatch)));
  return reaped;
}

async function releaseBatch(
  ports: ReleasePorts,
  account: SharedAccount,
  ids: readonly MessageId[],
): Promise<Reaped> {
  const unnamed = unnamedOf(account.state, ids);
  // Without a record the message was reaped before: nothing to claim.
  const records = await ports.messages.get(account.key, unnamed);
  if (records.size === 0) return nothingReaped;
  const claimed = claimedBy(
    await account.commit((state: AccountState) => decideReap(state, [...records.keys()])),
  );
  const mine = claimed.map((id) => records.get(id)).filter((record) => record !== undefined);
  return { ...(await deleteRecords(ports, account.key, mine)), claimed: claimed.length };
}

function claimedBy(committed: Committed): readonly MessageId[] {
  assert.notEqual(committed.kind, 'refused');
  if (committed.kind !== 'done') return [];
  const { entry } = committed.effect;
  assert.equal(entry.kind, 'reaped');
  return entry.kind === 'reaped' ? entry.messageIds : [];
}

/** For records that the account has given up for good: bodies that nobody else holds go first, then the records. */
export async function deleteRecords(
  ports: ReleasePorts,
  account: AccountKey,
  records: readonly MessageRecord[],
): Promise<Reaped> {
  await mapInFlight(records, ({ messageId }) => ports.messages.markReaped(account, messageId));
  const last = await mapInFlight(records, (record) => isFree(ports, account, record));
  const keys = records.filter((_, index) => last[index]).map(({ body }) => body.key);
  await ports.bodies.delete(keys);
  // Before the records: without them the next run would find nothing to do.
  if (records.length > 0) {
    const ids = records.map(({ messageId }) => messageId);
    await forgetInPacks(ports.bodies, account, ids);
  }
  await mapInFlight(records, ({ messageId }) => ports.messages.delete(account, messageId));
  return { ...nothingReaped, records: records.length, bodies: keys.length };
}

/** Whether nobody else needs the body: no holder that has not marked its record, and no queued job. */
async function isFree(ports: ReleasePorts, { tenant }: AccountKey, record: MessageRecord): Promise<boolean> {
  assert.ok(record.body.key.startsWith(`${tenant}/bodies/`), 'a body lies under its tenant');
  const holders = record.holders.map((account) => ({ tenant, account }));
  const holding = await ports.messages.holding(holders, record.messageId);
  if (holding.length > 0) return false;
  return !(await ports.outboundBodies.names(tenant, record.messageId));
}
