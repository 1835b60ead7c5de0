/** COPY (RFC 3501 6.4.7) and MOVE (RFC 6851), with COPYUID (RFC 4315 3). */
import { decideCopy, decideMove } from '../../../mail/account/decide-copy.ts';
import { noDestination } from '../../../mail/account/decision.ts';
import { mailboxNamed } from '../../../mail/account/state.ts';
import { formatUidSet, type UidSet, uidSetOf } from '../../../mail/uid-set.ts';
import type { Committed, Effect } from '../../../service/account/contract.ts';
import type { CommandOf } from '../command.ts';
import type { SelectedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { bad, no, ok, type Status } from '../response/status.ts';
import { canonicalName } from './names.ts';
import { readOnly, refused } from './refused.ts';

export const copy: Handler<'COPY'> = {
  state: 'selected',
  async run(context, command) {
    const outcome = await transfer(context, command);
    if (!('committed' in outcome)) return outcome;
    const { committed } = outcome;
    if (committed.kind === 'done') return ok('Copied', copyUid(committed.effect));
    return nothingDone(committed, command);
  },
};

export const move: Handler<'MOVE'> = {
  state: 'selected',
  capabilities: ['MOVE'],
  async run(context, command) {
    if (context.selected.readOnly) return readOnly;
    const outcome = await transfer(context, command);
    if (!('committed' in outcome)) return outcome;
    const { committed } = outcome;
    if (committed.kind !== 'done') return nothingDone(committed, command);
    // RFC 6851 4.3: COPYUID comes before the EXPUNGEs, which follow from the view's update.
    context.out.line(`* OK [${copyUid(committed.effect)}] Moved`);
    return ok('Moved');
  },
};

type Transfer = CommandOf<'COPY'>;

async function transfer(
  { account, selected }: SelectedContext,
  { name, set, byUid, mailbox }: Transfer,
): Promise<Status | { readonly committed: Committed }> {
  const rows = selected.rows(set, byUid);
  if (!rows) return bad('There is no message with that number');
  const uids: UidSet = uidSetOf(rows.map((row) => selected.columns.uid[row] ?? 0));
  const target = canonicalName(mailbox);
  const committed = await account.commit((state) => {
    const to = mailboxNamed(state, target)?.mailbox;
    if (to === undefined) return noDestination;
    if (name === 'MOVE') return decideMove(state, selected.id, uids, to);
    return decideCopy(state, selected.id, uids, to, account.quotaBytes);
  });
  return { committed };
}

/** `COPYUID validity source target`: the n-th of one set is the n-th of the other. */
function copyUid({ entry, appended }: Effect): string | undefined {
  if (entry.kind !== 'copied' || !appended) return undefined;
  return `COPYUID ${appended.uidValidity} ${entry.uids} ${formatUidSet(uidSetOf(appended.uids))}`;
}

/** RFC 3501 6.4.8: UIDs that are not there are no error; numbers are, if all have gone meanwhile. */
function nothingDone(committed: Exclude<Committed, { kind: 'done' }>, { byUid }: Transfer): Status {
  if (committed.kind === 'refused') return refused(committed.refusal);
  return byUid ? ok('There are no such messages') : no('EXPUNGEISSUED', 'The messages are gone');
}
