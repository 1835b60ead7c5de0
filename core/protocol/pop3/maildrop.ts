/**
 * The maildrop of one session (RFC 1939 4): all of INBOX as it was at login. It holds the
 * columns of the state, which never change for those who hold them, and marks for DELE.
 */
import { inboxId } from '../../mail/account/apply.ts';
import type { AccountState, Columns } from '../../mail/account/state.ts';
import type { MessageId, Uid, UidValidity } from '../../mail/ids.ts';

export class Maildrop {
  readonly #columns: Columns;
  readonly #uidValidity: UidValidity;
  readonly #deleted = new Set<number>();
  #deletedOctets = 0;
  readonly #octets: number;

  /** Throws when the account has no INBOX: docs/log.md promises one. */
  constructor(state: AccountState) {
    const mailbox = state.mailboxes.get(inboxId);
    if (!mailbox) throw new Error('account without INBOX');
    this.#columns = mailbox.columns;
    this.#uidValidity = mailbox.uidValidity;
    this.#octets = mailbox.bytes;
  }

  /** Messages at login, those marked as deleted included: message numbers go from 1 to this. */
  get total(): number {
    return this.#columns.count;
  }

  /** Messages not marked as deleted. */
  get count(): number {
    return this.total - this.#deleted.size;
  }

  /** Octets of the messages not marked as deleted. */
  get octets(): number {
    return this.#octets - this.#deletedOctets;
  }

  /** Whether the number names a message that is not marked as deleted. */
  has(number: number): boolean {
    return number >= 1 && number <= this.total && !this.#deleted.has(number);
  }

  sizeOf(number: number): number {
    return this.#columns.sizeBytes[number - 1] ?? 0;
  }

  messageId(number: number): MessageId {
    return this.#columns.messageId(number - 1);
  }

  /**
   * `<uidvalidity>.<uid>`: stable for ever, as a mailbox never gives a UID twice. The message id
   * would not do: a copy of a message in the same mailbox has the same one (RFC 1939 7 UIDL
   * wants them unique in the maildrop).
   */
  uniqueId(number: number): string {
    return `${this.#uidValidity}.${this.#columns.uid[number - 1]}`;
  }

  delete(number: number): void {
    if (!this.has(number)) return;
    this.#deleted.add(number);
    this.#deletedOctets += this.sizeOf(number);
  }

  undeleteAll(): void {
    this.#deleted.clear();
    this.#deletedOctets = 0;
  }

  /** UIDs of the messages marked as deleted, ascending. */
  deletedUids(): readonly Uid[] {
    return [...this.#deleted]
      .sort((a, b) => a - b)
      .map((number) => (this.#columns.uid[number - 1] ?? 0) as Uid);
  }
}
