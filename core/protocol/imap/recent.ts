/**
 * \Recent (RFC 3501 2.3.2): the first session that may change a mailbox and sees a message has
 * it as recent. Kept per process and not in the log: the flag is for one session only, and
 * nobody else needs to know. What was there before this process looked is not recent.
 */
import type { Columns, MailboxState } from '../../mail/account/state.ts';
import { firstRowFrom } from '../../mail/account/state.ts';
import { type AccountKey, type MailboxId, partitionKey } from '../../mail/ids.ts';

/** Accounts whose marks are kept; the one looked at longest ago goes first, and then nothing of it is recent. */
const MAX_ACCOUNTS = 10_000;

/** Per account of this process, the first UID of each mailbox that no session has claimed. */
export class RecentMarks {
  readonly #accounts = new Map<string, Map<MailboxId, number>>();

  of(account: AccountKey): Map<MailboxId, number> {
    const key = partitionKey(account);
    const marks = this.#accounts.get(key) ?? new Map<MailboxId, number>();
    this.#accounts.delete(key);
    this.#accounts.set(key, marks);
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size > MAX_ACCOUNTS && oldest !== undefined) this.#accounts.delete(oldest);
    return marks;
  }

  /** How many messages the next SELECT would have as recent (STATUS RECENT). */
  waiting(account: AccountKey, { mailbox, uidNext, columns }: MailboxState): number {
    return columns.count - firstRowFrom(columns, this.of(account).get(mailbox) ?? uidNext);
  }
}

/** Bounds the ranges one session keeps; the oldest stop being recent. */
const MAX_RANGES = 1000;

/** The messages of one mailbox that are recent for one session. */
export class RecentShare {
  readonly #marks: Map<MailboxId, number>;
  readonly #mailbox: MailboxId;
  readonly #claims: boolean;
  /** Ascending, neither touching nor overlapping. */
  #ranges: { from: number; to: number }[] = [];

  /** `claims`: with SELECT; EXAMINE only looks. */
  constructor(marks: Map<MailboxId, number>, mailbox: MailboxId, claims: boolean) {
    this.#marks = marks;
    this.#mailbox = mailbox;
    this.#claims = claims;
  }

  /** The session now sees the mailbox up to `uidNext`. */
  see(uidNext: number): void {
    const from = this.#marks.get(this.#mailbox) ?? uidNext;
    if (this.#claims) this.#marks.set(this.#mailbox, Math.max(from, uidNext));
    if (from >= uidNext) return;
    const last = this.#ranges.at(-1);
    // One who only looks finds the mark where it was before.
    if (last !== undefined && from <= last.to) {
      last.to = uidNext;
      return;
    }
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
