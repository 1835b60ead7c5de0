/** Deciding DELETE of a mailbox. Those below it stay; LIST shows the name as \NonExistent. RFC 9051 6.3.5. */
import { inboxId } from './apply.ts';
import { decideExpunge, deltasOf, departure } from './decide-expunge.ts';
import { type Decision, noSuchMailbox, refuse } from './decision.ts';
import { maxDepartures } from './limits.ts';
import { type AccountState, mailboxNamed } from './state.ts';

/** A mailbox of more than `max` messages is emptied first: `more` until the last entry. */
export function decideDelete(state: AccountState, name: string, max = maxDepartures): Decision {
  const mailbox = mailboxNamed(state, name);
  if (mailbox === undefined) return noSuchMailbox;
  if (mailbox.mailbox === inboxId) return refuse('CANNOT', 'INBOX cannot be deleted');
  const { columns } = mailbox;
  if (columns.count > max) {
    const emptied = decideExpunge(state, mailbox.mailbox, undefined, { anyFlags: true, max });
    return 'append' in emptied ? { ...emptied, more: true } : emptied;
  }
  const gone = departure(columns, [...Array(columns.count).keys()]);
  return { append: { kind: 'mailboxDeleted', mailbox: mailbox.mailbox, gone }, ...deltasOf(gone) };
}
