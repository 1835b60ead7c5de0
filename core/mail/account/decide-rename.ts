/** Deciding RENAME: a mailbox with all below it in one entry; INBOX gives its messages away. RFC 9051 6.3.6. */
import type { MailboxId } from '../ids.ts';
import { delimiter, isBelow, parseMailboxName } from '../mailbox-name.ts';
import { maxSetNumber } from '../uid-set.ts';
import { inboxId } from './apply.ts';
import { decideMove } from './decide-copy.ts';
import { type Creation, decideCreate, firstMissing } from './decide-create.ts';
import { change, type Decision, noSuchMailbox, refuse } from './decision.ts';
import { maxRenameOctets } from './limits.ts';
import { type AccountState, mailboxNamed } from './state.ts';

export interface Renaming extends Omit<Creation, 'name' | 'specialUse'> {
  /** Canonical names. */
  readonly from: string;
  readonly to: string;
  /**
   * The id that the mailbox of RENAME INBOX gets; the same in every decision of one command, so that
   * the second one knows its own work.
   */
  readonly target: MailboxId;
}

/** Superior names of `to` are made first, as CREATE does: `more` until the last entry. */
export function decideRename(state: AccountState, wish: Renaming): Decision {
  const { from, to, mint, nowMs } = wish;
  const mailbox = mailboxNamed(state, from);
  if (mailbox === undefined) return noSuchMailbox;
  if (mailbox.mailbox === inboxId) return decideRenameInbox(state, wish);
  if (mailboxNamed(state, to) !== undefined)
    return refuse('ALREADYEXISTS', 'There is such a mailbox already');
  if (isBelow(to, from)) return refuse('CANNOT', 'A mailbox cannot be moved below itself');
  const renamed = [...state.mailboxes.values()]
    .filter(({ name }) => name === from || isBelow(name, from))
    .map(({ mailbox: id, name }) => ({ mailbox: id, name: to + name.slice(from.length) }));
  const refusal = checkNames(state, from, renamed);
  if (refusal !== undefined) return refusal;
  const superior = firstMissing(state, to);
  if (superior === undefined) return change({ kind: 'mailboxesRenamed', renamed });
  const created = decideCreate(state, { name: superior, mint, nowMs });
  return 'append' in created ? { ...created, more: true } : created;
}

function checkNames(
  state: AccountState,
  from: string,
  renamed: readonly { readonly name: string }[],
): Decision | undefined {
  const octets = renamed.reduce((sum, { name }) => sum + Buffer.byteLength(name) + 48, 0);
  if (octets > maxRenameOctets) return refuse('LIMIT', 'Too many mailboxes to rename at once');
  const staying = new Set<string>();
  for (const { name } of state.mailboxes.values())
    if (name !== from && !isBelow(name, from)) staying.add(name);
  for (const { name } of renamed) {
    const parsed = parseMailboxName(name);
    if ('invalid' in parsed) return refuse('LIMIT', parsed.invalid);
    if (staying.has(name))
      return refuse('ALREADYEXISTS', `There is a mailbox ${name.split(delimiter).at(-1)} already`);
  }
  return undefined;
}

/** First the new mailbox, then all messages to it; those below INBOX stay where they are. */
function decideRenameInbox(state: AccountState, { to, target, mint, nowMs }: Renaming): Decision {
  if (state.mailboxes.has(target)) return decideMove(state, inboxId, [[1, maxSetNumber]], target);
  const last = firstMissing(state, to) === undefined;
  const created = decideCreate(state, { name: to, mint: last ? () => target : mint, nowMs });
  return 'append' in created ? { ...created, more: true } : created;
}
