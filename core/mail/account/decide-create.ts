/** Deciding CREATE: the mailbox and the superior names that are missing. RFC 9051 6.3.4, RFC 6154 3. */
import type { MailboxId } from '../ids.ts';
import { ancestorsOf } from '../mailbox-name.ts';
import { change, type Decision, refuse } from './decision.ts';
import { maxMailboxes } from './limits.ts';
import { nextUidValidity } from './opening.ts';
import { type AccountState, mailboxNamed } from './state.ts';

export interface Creation {
  /** In canonical form (mailbox-name.ts). */
  readonly name: string;
  /** RFC 6154 attribute, for example '\\Sent'; one that is taken is refused. */
  readonly specialUse?: string | undefined;
  /** A new id for each mailbox that is made. */
  readonly mint: () => MailboxId;
  readonly nowMs: number;
}

/** One mailbox per entry, superior ones first: `more` until the last. */
export function decideCreate(state: AccountState, { name, specialUse, mint, nowMs }: Creation): Decision {
  if (mailboxNamed(state, name) !== undefined)
    return refuse('ALREADYEXISTS', 'There is such a mailbox already');
  if (specialUse !== undefined && [...state.mailboxes.values()].some((one) => one.specialUse === specialUse))
    return refuse('CANNOT', `There is a mailbox for ${specialUse} already`);
  const superior = firstMissing(state, name);
  if (state.mailboxes.size >= maxMailboxes) return refuse('LIMIT', `More than ${maxMailboxes} mailboxes`);
  const uidValidity = nextUidValidity(state, nowMs);
  if (superior !== undefined)
    return change(
      { kind: 'mailboxCreated', mailbox: { mailbox: mint(), name: superior, uidValidity } },
      true,
    );
  const use = specialUse === undefined ? {} : { specialUse };
  return change({ kind: 'mailboxCreated', mailbox: { mailbox: mint(), name, uidValidity, ...use } });
}

/** The first superior name that does not exist. */
export function firstMissing(state: AccountState, name: string): string | undefined {
  return ancestorsOf(name).find((ancestor) => mailboxNamed(state, ancestor) === undefined);
}
