/** STATUS (RFC 3501 6.3.10; RFC 7162 3.1.7, RFC 8438, RFC 9208 4.1.4): from the fold, no message is looked at. */
import { type MailboxState, mailboxNamed } from '../../../mail/account/state.ts';
import type { StatusItem } from '../command.ts';
import type { Handler } from '../handler.ts';
import { encodeMailbox } from '../parse/mailbox.ts';
import { no, ok } from '../response/status.ts';
import { canonicalName } from './names.ts';

export const status: Handler<'STATUS'> = {
  state: 'authenticated',
  capabilities: ['STATUS=SIZE'],
  async run(context, command) {
    const { account, out, enabled, deps } = context;
    await context.look();
    const mailbox = mailboxNamed(account.state, canonicalName(command.mailbox));
    if (!mailbox) return no('NONEXISTENT', 'There is no such mailbox');
    if (command.items.includes('HIGHESTMODSEQ')) enabled.add('CONDSTORE');
    out.line(statusLine(mailbox, deps.recent.waiting(account.key, mailbox), command.items));
    return ok('That is its status');
  },
};

/** The untagged response, without CRLF. */
export function statusLine(mailbox: MailboxState, recent: number, items: readonly StatusItem[]): string {
  const values = items.map((item) => `${item} ${itemValue(mailbox, recent, item)}`);
  return `* STATUS ${encodeMailbox(mailbox.name)} (${values.join(' ')})`;
}

function itemValue(mailbox: MailboxState, recent: number, item: StatusItem): number {
  switch (item) {
    case 'MESSAGES':
      return mailbox.columns.count;
    case 'RECENT':
      return recent;
    case 'UIDNEXT':
      return mailbox.uidNext;
    case 'UIDVALIDITY':
      return mailbox.uidValidity;
    case 'UNSEEN':
      return mailbox.unseen;
    case 'HIGHESTMODSEQ':
      return mailbox.highestModSeq;
    case 'SIZE':
      return mailbox.bytes;
    case 'DELETED':
      return deleted(mailbox).messages;
    case 'DELETED-STORAGE':
      return deleted(mailbox).octets;
  }
}

/** What EXPUNGE would set free. */
function deleted({ columns }: MailboxState): { readonly messages: number; readonly octets: number } {
  let messages = 0;
  let octets = 0;
  for (let row = 0; row < columns.count; row++) {
    if (!columns.flagSets.has(columns.flagSet(row), '\\Deleted')) continue;
    messages++;
    octets += columns.sizeBytes[row] ?? 0;
  }
  return { messages, octets };
}
