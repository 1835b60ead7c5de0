/** Jobs as an administrator lists them. */
import { type DynamoDBClient, GetItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { TenantId } from '../mail/ids.ts';
import type { OutboundJob } from '../mail/transfer/job.ts';
import { readDue } from './outbound-due.ts';
import { type Item, jobOf } from './outbound-item.ts';

/** Reads in flight. */
const readsAtOnce = 16;

interface Page {
  readonly Items?: Item[] | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
}

/** Those that wait, the next one first: found by the index, however many have ended and are kept. */
export async function listQueued(
  dynamo: DynamoDBClient,
  table: string,
  tenant: TenantId | undefined,
  limit: number,
): Promise<readonly OutboundJob[]> {
  const due = await readDue(dynamo, table, { tenant, limit });
  const jobs: OutboundJob[] = [];
  for (let at = 0; at < due.length; at += readsAtOnce) {
    const some = due.slice(at, at + readsAtOnce).map(async ({ tenant, jobId }) => {
      const { Item } = await dynamo.send(
        new GetItemCommand({ TableName: table, Key: marshall({ tenant, jobId }), ConsistentRead: true }),
      );
      return Item && jobOf(Item);
    });
    jobs.push(
      ...(await Promise.all(some)).filter((job) => job?.state === 'queued').map((job) => job as OutboundJob),
    );
  }
  return jobs.toSorted((a, b) => (a.dueAtMs ?? 0) - (b.dueAtMs ?? 0));
}

/** Whatever their state: a tenant's newest first, all tenants' in no order. */
export async function listAll(
  dynamo: DynamoDBClient,
  table: string,
  tenant: TenantId | undefined,
  limit: number,
): Promise<readonly OutboundJob[]> {
  const jobs: OutboundJob[] = [];
  let from: Item | undefined;
  do {
    const page: Page = await (tenant === undefined
      ? dynamo.send(new ScanCommand({ TableName: table, Limit: limit, ExclusiveStartKey: from }))
      : dynamo.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'tenant = :tenant',
            ExpressionAttributeValues: marshall({ ':tenant': tenant }),
            ScanIndexForward: false,
            Limit: limit,
            ExclusiveStartKey: from,
          }),
        ));
    jobs.push(...(page.Items ?? []).map(jobOf));
    from = page.LastEvaluatedKey;
  } while (from !== undefined && jobs.length < limit);
  return jobs.slice(0, limit);
}
