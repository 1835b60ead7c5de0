/** Remote recipients as jobs for the relay: one per destination domain of a tenant. Pure. */
import type { BodyRef } from '../../mail/message-record.ts';
import { maxRecipientsPerJob, type OutboundJob } from '../../mail/transfer/job.ts';
import type { IngestEvent } from './event.ts';
import type { RemoteCopy, TenantPlan } from './plan.ts';

/** Job ids are made of the message's, so that a second run makes the same jobs. */
export function jobsOf(
  event: IngestEvent,
  plan: TenantPlan,
  body: BodyRef,
  expiryMs: number,
): readonly OutboundJob[] {
  const byDomain = Object.groupBy(plan.remote, ({ address }) => address.domain);
  return Object.entries(byDomain).flatMap(([domain, copies = []]) =>
    chunks(copies, maxRecipientsPerJob).map((chunk, at) =>
      job(event, plan, body, expiryMs, domain, chunk, at),
    ),
  );
}

function job(
  event: IngestEvent,
  { tenant }: TenantPlan,
  body: BodyRef,
  expiryMs: number,
  domain: string,
  copies: readonly RemoteCopy[],
  at: number,
): OutboundJob {
  const { messageId, receivedAtMs, identity, origin } = event;
  return {
    version: 1,
    tenant,
    jobId: `${messageId}.${domain}${at === 0 ? '' : `.${at + 1}`}`,
    messageId,
    body,
    origin: origin === 'mx' ? 'forward' : origin,
    ...(identity ? { account: identity.account } : {}),
    reversePath: event.reversePath,
    domain,
    recipients: copies.map(({ text, original }) => ({
      address: text,
      ...(original === text ? {} : { originalAddress: original }),
      state: 'pending',
    })),
    smtpUtf8: event.client.protocol.startsWith('UTF8'),
    createdAtMs: receivedAtMs,
    dueAtMs: receivedAtMs,
    expiresAtMs: receivedAtMs + expiryMs,
    attempts: 0,
    state: 'queued',
  };
}

/** The body as it leaves us: without Return-Path, which only final delivery writes (RFC 5321 4.4). */
export function withoutReturnPath(body: BodyRef, returnPathOctets: number): BodyRef {
  const sizeBytes = body.sizeBytes - returnPathOctets;
  if (body.prefix !== undefined) return { ...body, prefix: body.prefix.slice(returnPathOctets), sizeBytes };
  return { ...body, cuts: [[0, returnPathOctets], ...(body.cuts ?? [])], sizeBytes };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
