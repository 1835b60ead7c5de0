/** STORE and UID STORE (RFC 3501 6.4.6), UNCHANGEDSINCE (RFC 7162 3.1.3). */
import { rowOf } from '../../../mail/account/state.ts';
import { canonicalFlags, changeFlags } from '../../../mail/flags.ts';
import type { ModSeq, Uid } from '../../../mail/ids.ts';
import { formatUidSet, type UidSet, uidSetOf } from '../../../mail/uid-set.ts';
import { type Stored, storeFlags } from '../../../service/account/commit-all.ts';
import type { StoreCommand } from '../command.ts';
import type { SelectedContext } from '../context.ts';
import { type ColumnItem, writeColumnLines } from '../fetch/flag-lines.ts';
import type { Handler } from '../handler.ts';
import { bad, ok, type Status } from '../response/status.ts';
import { readOnly, refused } from './refused.ts';

export const store: Handler<'STORE'> = {
  state: 'selected',
  holdsExpunge: ({ byUid }) => !byUid,
  async run(context, command) {
    const { selected, enabled } = context;
    if (selected.readOnly) return readOnly;
    const rows = selected.rows(command.set, command.byUid);
    if (!rows) return bad('There is no message with that number');
    if (command.unchangedSince !== undefined) enabled.add('CONDSTORE');
    const uids = uidSetOf(rows.map((row) => selected.columns.uid[row] ?? 0));
    const unchangedSince = command.unchangedSince as ModSeq | undefined;
    const wish = {
      mailbox: selected.id,
      uids,
      mode: modes[command.mode],
      flags: command.flags,
      unchangedSince,
    };
    const stored = await storeFlags(context.account, wish);
    await report(context, command, rows, stored);
    return stored.refusal ? refused(stored.refusal) : completion(context, command, rows, stored);
  },
};

const modes = { replace: 'set', add: 'add', remove: 'remove' } as const;

/** Takes the change into the view and tells what STORE has to tell: flags, unless .SILENT, and mod-sequences. */
async function report(
  context: SelectedContext,
  command: StoreCommand,
  rows: Uint32Array,
  { effects, modified }: Stored,
): Promise<void> {
  const { selected, account, out, enabled } = context;
  const flags = canonicalFlags(command.flags);
  const modSeqs = new Set<number>(effects.map(({ modSeq }) => modSeq));
  selected.update(out, account.state, false, enabled, {
    modSeqs,
    expected: (old) => expectedFlags(old, command, flags),
  });
  const condstore = enabled.has('CONDSTORE');
  if (command.silent && !condstore) return;
  const items: ColumnItem[] = [{ item: 'UID' }];
  if (!command.silent) items.push({ item: 'FLAGS' });
  if (condstore) items.push({ item: 'MODSEQ' });
  const failed = new Set(rowNumbers(modified, context));
  const changed = (row: number) => modSeqs.has(selected.columns.modSeq(row));
  const told = rows.filter((row) => !failed.has(row) && (changed(row) || !command.silent));
  await writeColumnLines(
    out,
    selected,
    gone(context, rows) ? told.filter((row) => isThere(context, row)) : told,
    items,
  );
}

function expectedFlags(old: readonly string[], { mode }: StoreCommand, flags: readonly string[]): string {
  const added = mode === 'remove' ? [] : flags;
  const removed =
    mode === 'add' ? [] : mode === 'remove' ? flags : old.filter((flag) => !flags.includes(flag));
  return `(${changeFlags(old, added, removed).join(' ')})`;
}

function* rowNumbers(set: UidSet, { selected }: SelectedContext): Generator<number> {
  for (const [first, last] of set) {
    for (let uid = first; uid <= last; uid++) yield rowOf(selected.columns, uid as Uid);
  }
}

/** Whether some of the rows may be gone by another session's doing. */
function gone({ account, selected }: SelectedContext, rows: Uint32Array): boolean {
  return rows.length > 0 && account.state.mailboxes.get(selected.id)?.columns !== selected.columns;
}

function isThere({ account, selected }: SelectedContext, row: number): boolean {
  const now = account.state.mailboxes.get(selected.id)?.columns;
  return now !== undefined && rowOf(now, (selected.columns.uid[row] ?? 0) as Uid) >= 0;
}

/** RFC 7162 3.1.3: the messages that failed the condition, in the command's own numbers. */
function completion(
  context: SelectedContext,
  command: StoreCommand,
  rows: Uint32Array,
  stored: Stored,
): Status {
  const failed = stored.modified;
  if (failed.length > 0) {
    const numbers = command.byUid ? failed : uidSetOf([...rowNumbers(failed, context)].map((row) => row + 1));
    return ok('Some were changed meanwhile', `MODIFIED ${formatUidSet(numbers)}`);
  }
  const missing = !command.byUid && gone(context, rows) && rows.some((row) => !isThere(context, row));
  return missing ? ok('Stored where the message still is', 'EXPUNGEISSUED') : ok('Stored');
}
