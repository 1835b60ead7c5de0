/**
 * The use case `ingest`: one message from the SMTP servers (or a notification of ours) to its
 * mailboxes and to the outbound queue. Safe to run twice with the same event. A refusal is the
 * result; whatever fails is thrown, and the sender keeps the message.
 */
import type { MailboxId } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import { type Delivered, deliverToAccount } from '../account/deliver.ts';
import { bounceFailed } from './bounce-failed.ts';
import type { ReceiveDependencies } from './dependencies.ts';
import type { IngestEvent, IngestResult } from './event.ts';
import { examine } from './examine.ts';
import { jobsOf, withoutReturnPath } from './outbound-jobs.ts';
import { type LocalCopy, planOf, type TenantPlan } from './plan.ts';
import { result } from './result.ts';
import { openSource } from './source.ts';
import { type FinishedMessage, finish, stage } from './stage.ts';
import { returnPathField } from './trace.ts';

/** Where mail goes, by the fixed ids of the default mailboxes. */
const mailboxes = { inbox: 'inbox' as MailboxId, junk: 'junk' as MailboxId };

/** What became of one local copy. */
export interface CopyOutcome {
  readonly copy: LocalCopy;
  readonly outcome: Delivered['outcome'];
}

/**
 * Takes the message in, or says why not. 250 is returned only when every copy is durable and
 * named by its log, every job is stored, and the sender was told of copies that found no room.
 */
export async function receive(event: IngestEvent, dependencies: ReceiveDependencies): Promise<IngestResult> {
  const source = await openSource(event, dependencies.bodies);
  const examined = await examine(event, source, dependencies);
  if (examined.kind === 'refused') return examined.result;
  const returnPath = Buffer.from(returnPathField(event.reversePath));
  const prefix = returnPath.toString('latin1') + Buffer.from(examined.fields).toString('latin1');
  const message = await finish(source, prefix, examined.cuts);
  const mailbox = examined.suspect ? mailboxes.junk : mailboxes.inbox;
  const plans = planOf(event);
  const outcomes = await Promise.all(
    plans.map((plan) => deliverTo(event, plan, message, returnPath.length, mailbox, dependencies)),
  );
  return conclude(event, message, plans, outcomes.flat(), dependencies);
}

/** One tenant's copies: the body first, then what names it. */
async function deliverTo(
  event: IngestEvent,
  plan: TenantPlan,
  message: FinishedMessage,
  returnPathOctets: number,
  mailbox: MailboxId,
  dependencies: ReceiveDependencies,
): Promise<readonly CopyOutcome[]> {
  const record = await stage(event, plan, message, dependencies);
  const outgoing = withoutReturnPath(record.body, returnPathOctets);
  const jobs = jobsOf(event, plan, outgoing, dependencies.settings.outboundExpiryMs);
  const [outcomes] = await Promise.all([
    Promise.all(plan.local.map((copy) => append(copy, mailbox, record, dependencies))),
    Promise.all(jobs.map((job) => dependencies.outbound.enqueue(job))),
  ]);
  return outcomes;
}

async function append(
  copy: LocalCopy,
  mailbox: MailboxId,
  record: MessageRecord,
  dependencies: ReceiveDependencies,
): Promise<CopyOutcome> {
  const { account, quotaBytes } = copy;
  const { heads, clock } = dependencies;
  const delivered = await heads.turn(account, copy.head, clock.now(), (head) =>
    deliverToAccount(dependencies, { account, quotaBytes, mailbox, record, flags: [], head }),
  );
  return { copy, outcome: delivered.outcome };
}

/** All failed: the sender hears it now. Some failed: the others have it, and a notification goes back. */
async function conclude(
  event: IngestEvent,
  message: FinishedMessage,
  plans: readonly TenantPlan[],
  outcomes: readonly CopyOutcome[],
  dependencies: ReceiveDependencies,
): Promise<IngestResult> {
  const failed = outcomes.filter(({ outcome }) => outcome === 'over-quota' || outcome === 'no-account');
  const [first] = failed;
  if (!first) return result.queued(event.messageId);
  const nobody = failed.length === outcomes.length && plans.every(({ remote }) => remote.length === 0);
  if (nobody) return first.outcome === 'no-account' ? result.noAccount : result.overQuota;
  await bounceFailed(event, message, failed, dependencies, receive);
  return result.queued(event.messageId);
}
