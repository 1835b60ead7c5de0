/**
 * The outbound queue on table Outbound and SQS. Every state change is one conditional write
 * to the job's item; the queue's messages only say who to look at, so losing or doubling
 * them changes nothing. Knows nothing of SMTP.
 */
import assert from 'node:assert';
import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { TenantId } from '../mail/ids.ts';
import {
  type LeasedJob,
  maxWakeDelayMs,
  type OutboundQueue,
  type OutboundStore,
} from '../mail/ports/outbound.ts';
import { maxRecipientsPerJob, type OutboundJob } from '../mail/transfer/job.ts';
import { type DueJob, readDue } from './outbound-due.ts';
import { type Item, itemOf, jobOf, keepEndedMs } from './outbound-item.ts';
import { listAll, listQueued } from './outbound-list.ts';

export interface OutboundPlaces {
  readonly table: string;
  readonly queueUrl: string;
}

/** How long the tick leaves a job alone that it has just given out. */
const tickPauseMs = 5 * 60_000;
/** Conditional writes in flight at once when the tick claims jobs. */
const claimsInFlight = 16;

interface JobName {
  readonly tenant: TenantId;
  readonly jobId: string;
}

export class SqsOutbound implements OutboundQueue, OutboundStore {
  readonly #dynamo: DynamoDBClient;
  readonly #sqs: SQSClient;
  readonly #places: OutboundPlaces;
  readonly #now: () => number;

  constructor(dynamo: DynamoDBClient, sqs: SQSClient, places: OutboundPlaces, now: () => number) {
    this.#now = now;
    this.#dynamo = dynamo;
    this.#sqs = sqs;
    this.#places = places;
  }

  async enqueue(job: OutboundJob): Promise<void> {
    assert(job.recipients.length > 0 && job.recipients.length <= maxRecipientsPerJob, 'recipients of a job');
    const dueAtMs = job.dueAtMs ?? job.createdAtMs;
    try {
      await this.#dynamo.send(
        new PutItemCommand({
          TableName: this.#places.table,
          Item: itemOf(job, job.createdAtMs),
          ConditionExpression: 'attribute_not_exists(jobId)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    // The job is durable now. Failing would make the client send it all again, where the tick only makes it late.
    await this.wake(job.tenant, job.jobId, Math.max(0, dueAtMs - job.createdAtMs)).catch(() => undefined);
  }

  async lease(
    tenant: TenantId,
    jobId: string,
    nowMs: number,
    leaseMs: number,
  ): Promise<LeasedJob | undefined> {
    const leaseId = randomUUID();
    const leaseUntilMs = nowMs + leaseMs;
    const written = await this.#update({
      ...this.#key({ tenant, jobId }),
      UpdateExpression: 'SET leaseId = :lease, leaseUntilMs = :until',
      ConditionExpression:
        '#state = :queued AND attemptAtMs <= :now AND (attribute_not_exists(leaseUntilMs) OR leaseUntilMs <= :now)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: marshall({
        ':lease': leaseId,
        ':until': leaseUntilMs,
        ':queued': 'queued',
        ':now': nowMs,
      }),
    });
    // A refused write that finds our own id was our own, repeated by the SDK after a lost answer.
    const ours = written.done || written.item?.leaseId?.S === leaseId;
    if (!ours || written.item === undefined) return undefined;
    return { job: jobOf(written.item), leaseId, leaseUntilMs };
  }

  async renew({ job, leaseId }: LeasedJob, untilMs: number): Promise<boolean> {
    const { done } = await this.#update({
      ...this.#key(job),
      UpdateExpression: 'SET leaseUntilMs = :until',
      ConditionExpression: 'leaseId = :lease',
      ExpressionAttributeValues: marshall({ ':until': untilMs, ':lease': leaseId }),
    });
    return done;
  }

  async note(leased: LeasedJob, job: OutboundJob, untilMs: number): Promise<boolean> {
    const lease = marshall({ leaseId: leased.leaseId, leaseUntilMs: untilMs });
    return this.#write(leased, job, { ...itemOf(job, this.#now()), ...lease });
  }

  async settle(leased: LeasedJob, job: OutboundJob): Promise<boolean> {
    return this.#write(leased, job, itemOf(job, this.#now(), leased.leaseId));
  }

  async due(nowMs: number, limit: number): Promise<readonly JobName[]> {
    const found = await readDue(this.#dynamo, this.#places.table, { beforeMs: nowMs, limit });
    const claimed: JobName[] = [];
    for (let from = 0; from < found.length; from += claimsInFlight) {
      const some = found.slice(from, from + claimsInFlight);
      const won = await Promise.all(some.map((one) => this.#claim(one, nowMs)));
      claimed.push(...some.filter((_, i) => won[i]).map(({ tenant, jobId }) => ({ tenant, jobId })));
    }
    return claimed;
  }

  async wake(tenant: TenantId, jobId: string, delayMs: number): Promise<void> {
    await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: this.#places.queueUrl,
        MessageBody: JSON.stringify({ version: 1, tenant, jobId }),
        DelaySeconds: Math.ceil(Math.min(Math.max(delayMs, 0), maxWakeDelayMs) / 1000),
        MessageGroupId: tenant,
      }),
    );
  }

  list(tenant: TenantId | undefined, limit: number, which?: 'queued'): Promise<readonly OutboundJob[]> {
    const list = which === 'queued' ? listQueued : listAll;
    return list(this.#dynamo, this.#places.table, tenant, limit);
  }

  async get(tenant: TenantId, jobId: string): Promise<OutboundJob | undefined> {
    const { Item } = await this.#dynamo.send(
      new GetItemCommand({ ...this.#key({ tenant, jobId }), ConsistentRead: true }),
    );
    return Item && jobOf(Item);
  }

  async change(tenant: TenantId, jobId: string, to: 'retry' | 'cancel', nowMs: number): Promise<boolean> {
    const { done } = await this.#update({
      ...this.#key({ tenant, jobId }),
      UpdateExpression:
        to === 'retry'
          ? 'SET attemptAtMs = :now, dueAtMs = :now'
          : 'SET #state = :cancelled, #ttl = :ttl REMOVE attemptAtMs, dueAtMs, dueShard, leaseId, leaseUntilMs',
      ConditionExpression: '#state = :queued',
      ExpressionAttributeNames: { '#state': 'state', ...(to === 'cancel' ? { '#ttl': 'ttl' } : {}) },
      ExpressionAttributeValues: marshall({
        ':queued': 'queued',
        ...(to === 'retry'
          ? { ':now': nowMs }
          : { ':cancelled': 'cancelled', ':ttl': Math.ceil((nowMs + keepEndedMs) / 1000) }),
      }),
    });
    if (done && to === 'retry') await this.wake(tenant, jobId, 0);
    return done;
  }

  /** Puts the item if the lease is held; a repeated put that finds its own settled work counts as done. */
  async #write(leased: LeasedJob, job: OutboundJob, item: Item): Promise<boolean> {
    assert(job.jobId === leased.job.jobId && job.tenant === leased.job.tenant, 'writes its own job');
    try {
      await this.#dynamo.send(
        new PutItemCommand({
          TableName: this.#places.table,
          Item: item,
          ConditionExpression: 'leaseId = :lease',
          ExpressionAttributeValues: marshall({ ':lease': leased.leaseId }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item?.settledBy?.S === leased.leaseId;
    }
  }

  async #claim(one: DueJob, nowMs: number): Promise<boolean> {
    const { done } = await this.#update({
      ...this.#key(one),
      UpdateExpression: 'SET dueAtMs = :next',
      ConditionExpression: 'dueAtMs = :seen',
      ExpressionAttributeValues: marshall({ ':next': nowMs + tickPauseMs, ':seen': one.dueAtMs }),
    });
    return done;
  }

  /** A conditional update; `item` is the new one, or the one that stood in the way. */
  async #update(input: UpdateItemCommandInput): Promise<{ readonly done: boolean; readonly item?: Item }> {
    try {
      const { Attributes } = await this.#dynamo.send(
        new UpdateItemCommand({
          ...input,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { done: true, ...(Attributes ? { item: Attributes } : {}) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { done: false, ...(error.Item ? { item: error.Item } : {}) };
    }
  }

  #key({ tenant, jobId }: JobName) {
    return { TableName: this.#places.table, Key: marshall({ tenant, jobId }) };
  }
}
