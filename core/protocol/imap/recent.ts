/**
 * \Recent (RFC 3501 2.3.2): the first session that may change a mailbox and sees a message has
 * it as recent. Kept per process and not in the log: the flag is for one session only, and
 * nobody else needs to know. What was there before this process looked is not recent.
 */
import type { Columns, MailboxState } from '../../mail/account/state.ts';
import { firstRowFrom } from '../../mail/account/state.ts';
import type { MailboxId } from '../../mail/ids.ts';
import type { Account } from '../../service/account/contract.ts';

/** Per account, the first UID of each mailbox that no session has claimed. */
const claimed = new WeakMap<Account, Map<MailboxId, number>>();

/** Bounds the ranges one session keeps; the oldest stop being recent. */
const MAX_RANGES = 1000;

/** The messages of one mailbox that are recent for one session. */
export class RecentShare {
  readonly #marks: Map<MailboxId, number>;
  readonly #mailbox: MailboxId;
  readonly #claims: boolean;
  #ranges: { from: number; to: number }[] = [];

  /** `claims`: with SELECT; EXAMINE only looks. */
  constructor(account: Account, mailbox: MailboxId, claims: boolean) {
    const known = claimed.get(account) ?? new Map<MailboxId, number>();
    claimed.set(account, known);
    this.#marks = known;
    this.#mailbox = mailbox;
    this.#claims = claims;
  }

  /** The session now sees the mailbox up to `uidNext`. */
  see(uidNext: number): void {
    const from = this.#marks.get(this.#mailbox) ?? uidNext;
    if (this.#claims) this.#marks.set(this.#mailbox, Math.max(from, uidNext));
    if (from >= uidNext) return;
    this.#ranges.push({ from, to: uidNext });
    if (this.#ranges.length > MAX_RANGES) this.#ranges.shift();
  }

  get empty(): boolean {
    return this.#ranges.length === 0;
  }

  has(uid: number): boolean {
    return this.#ranges.some(({ from, to }) => uid >= from && uid < to);
  }

  count(columns: Columns): number {
    let total = 0;
    for (const { from, to } of this.#ranges) total += firstRowFrom(columns, to) - firstRowFrom(columns, from);
    return total;
  }

  close(): void {
    this.#ranges = [];
  }
}

/** How many messages the next SELECT would have as recent (STATUS RECENT). */
export function recentWaiting(account: Account, mailbox: MailboxState): number {
  const from = claimed.get(account)?.get(mailbox.mailbox) ?? mailbox.uidNext;
  return mailbox.columns.count - firstRowFrom(mailbox.columns, from);
}
