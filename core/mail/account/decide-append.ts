/** Deciding APPEND and everything else that puts new messages into a mailbox. RFC 9051 6.3.12, RFC 3502. */
import { canonicalFlags } from '../flags.ts';
import type { MailboxId, MessageId } from '../ids.ts';
import { type Decision, noDestination, nothing, refuse } from './decision.ts';
import type { MessageFact } from './entry.ts';
import { checkFlagRoom } from './flag-room.ts';
import { maxArrivals, maxArrivingFlagOctets, maxUid, nameableForMs } from './limits.ts';
import { timeOfMessageId } from './message-id.ts';
import type { AccountState, MailboxState } from './state.ts';

/** A fact in the form the log wants: whole seconds, canonical flags. */
export function messageFact(fact: {
  readonly messageId: MessageId;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  readonly flags: readonly string[];
}): MessageFact {
  const { messageId, sizeBytes } = fact;
  const internalDateMs = Math.max(0, Math.floor(fact.internalDateMs / 1000) * 1000);
  return { messageId, sizeBytes, internalDateMs, flags: canonicalFlags(fact.flags) };
}

/**
 * Puts durable, staged messages at the end of a mailbox, all or none. `quotaBytes` 0 means no
 * limit. TRYCREATE where the mailbox is missing.
 */
export function decideAppend(
  state: AccountState,
  mailbox: MailboxId,
  messages: readonly MessageFact[],
  quotaBytes: number,
  nowMs: number,
): Decision {
  const target = state.mailboxes.get(mailbox);
  if (target === undefined) return noDestination;
  if (messages.length === 0) return nothing;
  if (messages.length > maxArrivals) return refuse('LIMIT', `More than ${maxArrivals} messages at once`);
  if (messages.some(({ messageId }) => timeOfMessageId(messageId) < nowMs - nameableForMs))
    return refuse('CANNOT', 'The message took too long to arrive');
  const facts = messages.map(messageFact).map((fact) => ({ ...fact, flags: spell(target, fact.flags) }));
  if (facts.reduce((sum, { flags }) => sum + flags.join(' ').length, 0) > maxArrivingFlagOctets)
    return refuse('LIMIT', 'Too many flags at once');
  const bytesDelta = facts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const full =
    checkRoom(state, target, facts.length, bytesDelta, quotaBytes) ??
    checkFlagRoom(
      target.columns,
      facts.flatMap(({ flags }) => flags),
    );
  if (full !== undefined) return full;
  return { append: { kind: 'appended', mailbox, messages: facts }, bytesDelta, messagesDelta: facts.length };
}

/** Refusal where a mailbox cannot take so many more rows, or the account so many more octets. */
export function checkRoom(
  state: AccountState,
  target: MailboxState,
  rows: number,
  bytes: number,
  quotaBytes: number,
): Decision | undefined {
  if (quotaBytes > 0 && state.totals.bytes + bytes > quotaBytes)
    return refuse('OVERQUOTA', 'The account would be over its quota');
  if (target.uidNext + rows > maxUid) return refuse('LIMIT', 'The mailbox has given out all its UIDs');
  return undefined;
}

/** Keywords in the spelling that the mailbox has them in already, if in any. */
export function spell({ columns }: MailboxState, flags: readonly string[]): readonly string[] {
  return canonicalFlags(flags.map((flag) => columns.flagSets.spell(flag)));
}
