/**
 * Puts a message into an account without folding its log: the head's totals are enough.
 * Exactly once, however often it is tried (docs/log.md, "Redelivery"): the head is read before
 * the record is written, and every entry after that head is looked at.
 */
import { messageFact } from '../../mail/account/decide-append.ts';
import type { Entry, Totals } from '../../mail/account/entry.ts';
import { nameableForMs } from '../../mail/account/limits.ts';
import { timeOfMessageId } from '../../mail/account/message-id.ts';
import { nextEntry } from '../../mail/account/next-entry.ts';
import type { AccountKey, MailboxId, MessageId, ModSeq } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import {
  type AccountPorts,
  headKnownForMs,
  maxCommitAttempts,
  maxPutAttempts,
  tailPage,
} from './settings.ts';

export type DeliveryPorts = Pick<AccountPorts, 'log' | 'messages' | 'clock' | 'ids' | 'doorbell'>;

/** What is known of the head of a log; may be old, must be true. */
export interface HeadHint {
  readonly modSeq: ModSeq;
  readonly totals: Totals;
  /** When it was read. */
  readonly knownAtMs: number;
}

export interface Delivery {
  readonly account: AccountKey;
  /** 0 means no limit. */
  readonly quotaBytes: number;
  /** One that no longer exists means INBOX. */
  readonly mailbox: MailboxId;
  /** Its body must be durable. */
  readonly record: MessageRecord;
  readonly flags: readonly string[];
  /** Saves one read. */
  readonly head?: HeadHint | undefined;
}

export interface Delivered {
  readonly outcome: 'delivered' | 'duplicate' | 'over-quota' | 'no-account';
  /** For the next delivery to this account. */
  readonly head?: HeadHint;
}

/** The message cannot be delivered any more: too old, or reaped already. Its sender must not be told 250. */
export class DeliveryTooLate extends Error {
  override readonly name = 'DeliveryTooLate';
}

/** How much clocks may differ when the past is searched. */
const clockSkewMs = 3_600_000;

/** Writes the record and the entry; both are durable when it resolves with 'delivered' or 'duplicate'. */
export async function deliverToAccount(ports: DeliveryPorts, delivery: Delivery): Promise<Delivered> {
  const { account, record, quotaBytes } = delivery;
  if (timeOfMessageId(record.messageId) < ports.clock.now() - nameableForMs)
    throw new DeliveryTooLate(`message ${record.messageId} is too old to be delivered`);
  const head = usableHint(delivery, ports.clock.now()) ?? (await readHead(ports, account));
  if (head === undefined) return { outcome: 'no-account' };
  const ring = aimed(ports.doorbell, account);
  const standing = isOverQuota(head, record, quotaBytes)
    ? (await ports.messages.get(account, [record.messageId])).get(record.messageId)
    : await ports.messages.put(account, record);
  if (standing === undefined) return append(ports, delivery, head, ring);
  if (await wasAppended(ports.log, account, head.modSeq, record.messageId))
    return { outcome: 'duplicate', head };
  // What the first try wrote is what readers will see: the log must agree with it.
  return append(ports, { ...delivery, record: standing }, head, ring);
}

type Ring = (modSeq: ModSeq) => Promise<void>;

/** Whom to ring is looked up while the record is written. */
function aimed(doorbell: DeliveryPorts['doorbell'], account: AccountKey): Ring | undefined {
  return doorbell?.aim?.(account) ?? (doorbell && ((modSeq) => doorbell.ring(account, modSeq)));
}

async function readHead({ log, clock }: DeliveryPorts, account: AccountKey): Promise<HeadHint | undefined> {
  const knownAtMs = clock.now();
  const head = await log.head(account);
  return head === undefined ? undefined : hintOf(head, knownAtMs);
}

/** An old hint might name a place in the log that was trimmed since; a full account is looked at again. */
function usableHint({ head, record, quotaBytes }: Delivery, nowMs: number): HeadHint | undefined {
  if (head === undefined || head.knownAtMs < nowMs - headKnownForMs) return undefined;
  return isOverQuota(head, record, quotaBytes) ? undefined : head;
}

function isOverQuota(
  { totals }: Pick<HeadHint, 'totals'>,
  { body }: MessageRecord,
  quotaBytes: number,
): boolean {
  return quotaBytes > 0 && totals.bytes + body.sizeBytes > quotaBytes;
}

function hintOf({ modSeq, totals }: Omit<HeadHint, 'knownAtMs'>, knownAtMs: number): HeadHint {
  return { modSeq, totals, knownAtMs };
}

async function append(
  ports: DeliveryPorts,
  delivery: Delivery,
  first: HeadHint,
  ring: Ring | undefined,
): Promise<Delivered> {
  const { account, record, mailbox, quotaBytes } = delivery;
  const { messageId, body, internalDateMs } = record;
  const message = messageFact({
    messageId,
    sizeBytes: body.sizeBytes,
    internalDateMs,
    flags: delivery.flags,
  });
  const decision = {
    append: { kind: 'appended', mailbox, messages: [message] },
    bytesDelta: body.sizeBytes,
    messagesDelta: 1,
  } as const;
  let head = first;
  const knownAtMs = ports.clock.now();
  for (let attempt = 0; attempt < maxCommitAttempts; attempt++) {
    if (isOverQuota(head, record, quotaBytes)) return { outcome: 'over-quota', head };
    const entry = nextEntry(head, decision, ports.ids.entryId(), ports.clock.now());
    const appended = await put(ports.log, account, entry);
    if (appended.won) {
      await ring?.(entry.modSeq);
      return { outcome: 'delivered', head: hintOf(entry, knownAtMs) };
    }
    // The first lost race is answered by its winner alone; after that we are further behind.
    const missed = attempt === 0 ? [appended.winner] : await tail(ports.log, account, head.modSeq);
    head = hintOf(missed.at(-1) ?? head, knownAtMs);
    if (missed.some((one) => names(one, messageId))) return { outcome: 'duplicate', head };
  }
  throw new Error(`lost ${maxCommitAttempts} races for the log of an account`);
}

async function put(log: LogStore, account: AccountKey, entry: Entry) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await log.append(account, entry);
    } catch (error) {
      if (attempt === maxPutAttempts) throw error;
    }
  }
}

async function tail(log: LogStore, account: AccountKey, after: ModSeq): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const page = await log.read(account, entries.at(-1)?.modSeq ?? after, tailPage);
    entries.push(...page);
    if (page.length < tailPage) return entries;
  }
}

/** Looks back from `head` to the time of the message id for an entry that names it. */
async function wasAppended(
  log: LogStore,
  account: AccountKey,
  head: ModSeq,
  id: MessageId,
): Promise<boolean> {
  const oldestMs = timeOfMessageId(id) - clockSkewMs;
  for (let end: number = head; end > 0; ) {
    const after = Math.max(0, end - lookBackPage);
    const page = await log.read(account, after as ModSeq | 0, end - after);
    if (page.some((entry) => names(entry, id))) return true;
    const oldest = page[0];
    if (oldest === undefined || oldest.atMs < oldestMs) return false;
    end = after;
  }
  return false;
}

/** A redelivery comes minutes after the first try: few entries lie between. */
const lookBackPage = 200;

function names(entry: Entry, id: MessageId): boolean {
  if (entry.kind === 'reaped' && entry.messageIds.includes(id))
    throw new DeliveryTooLate(`message ${id} was reaped`);
  return entry.kind === 'appended' && entry.messages.some((message) => message.messageId === id);
}
