/** SELECT and EXAMINE (RFC 3501 6.3.1, 6.3.2), CONDSTORE as a parameter (RFC 7162 3.1.8). */
import { mailboxNamed } from '../../../mail/account/state.ts';
import type { CommandOf } from '../command.ts';
import type { AuthenticatedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { RecentShare } from '../recent.ts';
import { no, ok, type Status } from '../response/status.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';
import { canonicalName } from './names.ts';

export const select: Handler<'SELECT'> = { state: 'authenticated', run };
export const examine: Handler<'EXAMINE'> = { state: 'authenticated', run };

async function run(context: AuthenticatedContext, command: CommandOf<'SELECT'>): Promise<Status> {
  const { account, out, deps } = context;
  // RFC 3501 6.3.1: even a SELECT that fails leaves the mailbox selected before.
  if (context.selected) out.line('* OK [CLOSED] The mailbox before is closed');
  context.select(undefined);
  await context.look();
  const mailbox = mailboxNamed(account.state, canonicalName(command.mailbox));
  if (!mailbox) return no('NONEXISTENT', 'There is no such mailbox');
  if (command.condstore) context.enabled.add('CONDSTORE');
  const readOnly = command.name === 'EXAMINE';
  const selected = new SelectedMailbox(
    mailbox,
    readOnly,
    new RecentShare(deps.recent.of(account.key), mailbox.mailbox, !readOnly),
  );
  context.select(selected);
  describe(context, selected);
  return ok(readOnly ? 'Opened for reading only' : 'Opened', readOnly ? 'READ-ONLY' : 'READ-WRITE');
}

function describe({ out }: AuthenticatedContext, selected: SelectedMailbox): void {
  const { mailbox } = selected;
  selected.writeFlags(out);
  out.line(`* ${selected.count} EXISTS`);
  out.line(`* ${selected.recentCount} RECENT`);
  const unseen = mailbox.unseen > 0 ? firstUnseen(selected) : -1;
  if (unseen >= 0) out.line(`* OK [UNSEEN ${unseen + 1}] The first unseen message`);
  out.line(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs are valid`);
  out.line(`* OK [UIDNEXT ${mailbox.uidNext}] The next UID`);
  out.line(`* OK [HIGHESTMODSEQ ${mailbox.highestModSeq}] The highest mod-sequence`);
}

function firstUnseen({ columns }: SelectedMailbox): number {
  const seen = new Map<number, boolean>();
  for (let row = 0; row < columns.count; row++) {
    const set = columns.flagSet(row);
    const known = seen.get(set) ?? columns.flagSets.has(set, '\\Seen');
    if (!known) return row;
    seen.set(set, known);
  }
  return -1;
}
