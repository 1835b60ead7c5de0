/**
 * Deletes bodies that nothing names: left by a crash before the record was written, or by messages that went out
 * only. Each day of a tenant's bodies is compared with the records of all its accounts, twice in its life.
 */
import { firstMessageIdAt, timeOfMessageId } from '../../mail/account/message-id.ts';
import { bodyPrefix, messageIdOfBody } from '../../mail/body-key.ts';
import type { AccountKey, MessageId, TenantId } from '../../mail/ids.ts';
import type { ListedBody } from '../../mail/ports/body-store.ts';
import { mapInFlight } from './in-flight.ts';
import { bodySweepDays, dayMs, logPage, type ReapPorts } from './settings.ts';

type SweepPorts = Pick<ReapPorts, 'messages' | 'bodies' | 'outboundBodies' | 'cursors' | 'clock'>;

/** Days swept in one visit and pass. */
const maxDaysPerVisit = 40;
/** Bodies compared at once: 5 lists. */
const maxBodiesAtOnce = 5_000;

/** Sweeps the days that have come of age since the last visit; how many bodies it deleted. */
export async function sweepBodies(
  ports: SweepPorts,
  tenant: TenantId,
  accounts: readonly AccountKey[],
): Promise<number> {
  let deleted = 0;
  for (const ageDays of bodySweepDays) {
    const cursor = `bodies#${ageDays}`;
    const last = dayOf(ports.clock.now() - ageDays * dayMs) - 1;
    const first = await nextDay(ports, tenant, cursor);
    if (first === undefined) continue;
    for (let day = first; day <= Math.min(last, first + maxDaysPerVisit); day++) {
      deleted += await sweepDay(ports, tenant, accounts, day, ageDays);
      await ports.cursors.put(tenant, cursor, String(day));
    }
  }
  return deleted;
}

/** Days since the epoch, UTC. */
function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}

/** The day after the last one swept; at first that of the oldest body. */
async function nextDay(ports: SweepPorts, tenant: TenantId, cursor: string): Promise<number | undefined> {
  const swept = await ports.cursors.get(tenant, cursor);
  if (swept !== undefined) return Number(swept) + 1;
  const [oldest] = await ports.bodies.list(`${tenant}/bodies/`, '');
  const day =
    oldest === undefined ? Number.NaN : Date.parse(oldest.key.slice(`${tenant}/bodies/`.length).slice(0, 10));
  return Number.isNaN(day) ? undefined : dayOf(day);
}

async function sweepDay(
  ports: SweepPorts,
  tenant: TenantId,
  accounts: readonly AccountKey[],
  day: number,
  ageDays: number,
): Promise<number> {
  const prefix = bodyPrefix(tenant, day * dayMs);
  const youngestMs = ports.clock.now() - ageDays * dayMs;
  let deleted = 0;
  for (let after = ''; ; ) {
    const bodies = await listBodies(ports, prefix, after);
    const last = bodies.at(-1);
    if (last === undefined) return deleted;
    const old = bodies.filter(({ lastModifiedMs }) => lastModifiedMs <= youngestMs);
    deleted += await deleteUnnamed(ports, tenant, accounts, old);
    after = last.key;
  }
}

async function listBodies(ports: SweepPorts, prefix: string, after: string): Promise<readonly ListedBody[]> {
  const bodies: ListedBody[] = [];
  for (;;) {
    const page = await ports.bodies.list(prefix, bodies.at(-1)?.key ?? after);
    bodies.push(...page);
    if (page.length === 0 || bodies.length >= maxBodiesAtOnce) return bodies;
  }
}

async function deleteUnnamed(
  ports: SweepPorts,
  tenant: TenantId,
  accounts: readonly AccountKey[],
  bodies: readonly ListedBody[],
): Promise<number> {
  const unnamed = new Map<string, MessageId>();
  for (const { key } of bodies) {
    const id = messageIdOfBody(key);
    // Keys that are none of ours are left alone.
    if (id !== undefined) unnamed.set(key, id);
  }
  const ids = [...unnamed.values()].sort();
  const [first, last] = [ids[0], ids.at(-1)];
  if (first === undefined || last === undefined) return 0;
  await mapInFlight(accounts, (account) => strikeOutNamed(ports, account, first, last, unnamed));
  const left = [...unnamed];
  const outbound = await mapInFlight(left, ([, id]) => ports.outboundBodies.names(tenant, id));
  const keys = left.filter((_, index) => outbound[index] === false).map(([key]) => key);
  await ports.bodies.delete(keys);
  return keys.length;
}

/** Takes out the bodies that the account's records between two ids name. */
async function strikeOutNamed(
  ports: SweepPorts,
  account: AccountKey,
  first: MessageId,
  last: MessageId,
  unnamed: Map<string, MessageId>,
): Promise<void> {
  let after = firstMessageIdAt(Math.max(0, timeOfMessageId(first) - 1));
  for (;;) {
    const page = await ports.messages.list(account, after, logPage);
    for (const { messageId, body } of page) {
      unnamed.delete(body.key);
      after = messageId;
    }
    if (page.length < logPage || after > last) return;
  }
}
