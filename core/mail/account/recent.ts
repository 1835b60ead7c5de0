/**
 * Who is told \Recent (RFC 3501 2.3.2): the first session that selects a mailbox read-write
 * after a message came. Kept per account and process only: a restart forgets it, and IMAP4rev2 dropped it.
 */
import type { MailboxId, Uid } from '../ids.ts';
import type { MailboxState } from './state.ts';

export class RecentLedger {
  readonly #claimed = new Map<MailboxId, number>();

  /** Notes where the mailbox stands when this process first sees it: nothing older is recent. */
  observe({ mailbox, uidNext }: MailboxState): void {
    if (!this.#claimed.has(mailbox)) this.#claimed.set(mailbox, uidNext);
  }

  /** Rows from this UID on are recent; with `claim` (SELECT, not EXAMINE) they are so for this session only. */
  recentFrom(state: MailboxState, claim: boolean): Uid {
    this.observe(state);
    const from = this.#claimed.get(state.mailbox) ?? state.uidNext;
    if (claim) this.#claimed.set(state.mailbox, state.uidNext);
    return from as Uid;
  }
}
