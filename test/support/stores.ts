/**
 * The real stores on an embedded AWS in memory, with a clock that stands still, for tests
 * of anything that works on accounts. `requests` counts what they asked of the services.
 */

import type { AccountId, AccountKey, TenantId } from '../../core/mail/ids.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import { openClients } from '../../core/store/clients.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { DynamoMessageStore } from '../../core/store/messages.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { encryptBucket, ensureBucket, ensureTables, tableNames } from '../../core/store/tables.ts';
import { openCloud } from '../../local/cloud.ts';
import { FakeClock } from '../../local/fake-clock.ts';

export const bucket = 'mail';

export function accountKey(account: string, tenant = 'acme'): AccountKey {
  return { tenant: tenant as TenantId, account: account as AccountId };
}

export async function openStores() {
  const clock = new FakeClock();
  // The cloud tells our time, but its own chores keep to real timers: days pass in one step.
  const cloud = await openCloud({ clock: { now: () => clock.now(), after: systemClock.after } });
  const clients = openClients({ requestHandler: cloud.requestHandler });
  const names = tableNames('');
  await Promise.all([ensureTables(clients.dynamo, names), ensureBucket(clients.s3, bucket)]);
  await encryptBucket(clients.s3, bucket);
  return {
    cloud,
    clients,
    names,
    clock,
    ids: systemIds(clock),
    log: new DynamoLogStore(clients.dynamo, names.log),
    messages: new DynamoMessageStore(clients.dynamo, names.messages),
    bodies: new S3BodyStore(clients.s3, bucket),
    /** Runs work and lists its requests, `PutItem Log`, in alphabetical order. */
    async requests(work: () => Promise<unknown>): Promise<readonly string[]> {
      const before = cloud.meter.snapshot();
      await work();
      const { rows } = cloud.meter.since(before);
      return rows.flatMap((row) => Array<string>(row.calls).fill(`${row.operation} ${row.resource}`)).sort();
    },
    async close() {
      clients.close();
      await cloud.close();
    },
  };
}

export type TestStores = Awaited<ReturnType<typeof openStores>>;
