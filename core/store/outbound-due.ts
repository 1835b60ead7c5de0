/** Reads the sparse index `due` of table Outbound: all queued jobs and no others, by when they are to be looked at. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { TenantId } from '../mail/ids.ts';
import { dueShards } from './outbound-item.ts';

export interface DueJob {
  readonly tenant: TenantId;
  readonly jobId: string;
  readonly dueAtMs: number;
}

export interface DueQuestion {
  /** Not later than this; absent for all that wait. */
  readonly beforeMs?: number;
  readonly tenant?: TenantId | undefined;
  readonly limit: number;
}

/** At most `limit`, soonest first. The index lags behind the table by a moment. */
export async function readDue(
  dynamo: DynamoDBClient,
  table: string,
  question: DueQuestion,
): Promise<readonly DueJob[]> {
  const found = await Promise.all(dueShards.map((shard) => ofShard(dynamo, table, shard, question)));
  return found
    .flat()
    .sort((a, b) => a.dueAtMs - b.dueAtMs)
    .slice(0, question.limit);
}

async function ofShard(
  client: DynamoDBClient,
  TableName: string,
  shard: string,
  { beforeMs, tenant, limit }: DueQuestion,
): Promise<readonly DueJob[]> {
  const pages = paginateQuery(
    { client, pageSize: Math.min(limit, 1000) },
    {
      TableName,
      IndexName: 'due',
      KeyConditionExpression: `dueShard = :shard${beforeMs === undefined ? '' : ' AND dueAtMs <= :before'}`,
      ...(tenant === undefined ? {} : { FilterExpression: 'tenant = :tenant' }),
      ExpressionAttributeValues: marshall(
        { ':shard': shard, ':before': beforeMs, ':tenant': tenant },
        { removeUndefinedValues: true },
      ),
    },
  );
  const jobs: DueJob[] = [];
  for await (const { Items = [] } of pages) {
    for (const item of Items)
      jobs.push({
        tenant: (item.tenant?.S ?? '') as TenantId,
        jobId: item.jobId?.S ?? '',
        dueAtMs: Number(item.dueAtMs?.N),
      });
    if (jobs.length >= limit) break;
  }
  return jobs;
}
