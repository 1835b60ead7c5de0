/** The port to the outbound queue: jobs in table Outbound, wake-ups in SQS. */
import type { TenantId } from '../ids.ts';
import type { OutboundJob } from '../transfer/job.ts';

/** The longest delay of a wake-up (SQS DelaySeconds); a job due later than that is found by the due index. */
export const maxWakeDelayMs = 900_000;

/** Takes jobs in: all that ingest needs of the queue. */
export interface OutboundQueue {
  /**
   * Stores the job unless one of that id exists already (a retry), then wakes a relay. Durable when
   * it resolves; a lost wake-up is made good by the tick.
   */
  enqueue(job: OutboundJob): Promise<void>;
}

/** A job that this relay alone may work on until the lease ends. */
export interface LeasedJob {
  readonly job: OutboundJob;
  readonly leaseId: string;
  readonly leaseUntilMs: number;
}

/** What an administrator sees of the queue and may do to it. */
export interface OutboundAdmin {
  /** At most `limit` jobs of a tenant, or of all: those that wait, the next one first, or whatever their state. */
  list(tenant: TenantId | undefined, limit: number, which?: 'queued'): Promise<readonly OutboundJob[]>;
  get(tenant: TenantId, jobId: string): Promise<OutboundJob | undefined>;
  /** Makes a queued job due now, or ends it as cancelled; false when it has ended already. */
  change(tenant: TenantId, jobId: string, to: 'retry' | 'cancel', nowMs: number): Promise<boolean>;
}

export interface OutboundStore extends OutboundAdmin {
  /** Takes the lease if the job is queued, due and not leased to somebody else. */
  lease(tenant: TenantId, jobId: string, nowMs: number, leaseMs: number): Promise<LeasedJob | undefined>;
  /** Holds the lease until `untilMs`; false when it was lost: somebody else may have the job. */
  renew(leased: LeasedJob, untilMs: number): Promise<boolean>;
  /** Writes the job as it is now and holds the lease until `untilMs`; false when it was lost meanwhile. */
  note(leased: LeasedJob, job: OutboundJob, untilMs: number): Promise<boolean>;
  /** Writes the job as it is now and gives the lease back; false when the lease was lost meanwhile. */
  settle(leased: LeasedJob, job: OutboundJob): Promise<boolean>;
  /**
   * Jobs that are overdue and that no wake-up seems to be under way for, oldest first, at most
   * `limit`. The same job is given out again only after some minutes, so that a backlog does not
   * fill the queue with copies.
   */
  due(
    nowMs: number,
    limit: number,
  ): Promise<readonly { readonly tenant: TenantId; readonly jobId: string }[]>;
  /** Wakes a relay for the job after `delayMs` (at most 15 minutes). */
  wake(tenant: TenantId, jobId: string, delayMs: number): Promise<void>;
}
