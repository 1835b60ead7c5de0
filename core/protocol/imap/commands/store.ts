/** STORE and UID STORE (RFC 3501 6.4.6), UNCHANGEDSINCE (RFC 7162 3.1.3). */
import { decideStore } from '../../../mail/account/decide-store.ts';
import { rowOf } from '../../../mail/account/state.ts';
import { canonicalFlags, changeFlags } from '../../../mail/flags.ts';
import type { ModSeq, Uid } from '../../../mail/ids.ts';
import { formatUidSet, type UidSet, uidSetOf } from '../../../mail/uid-set.ts';
import type { Refusal } from '../../../service/account/contract.ts';
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
    const uids = uidSetOf(Array.from(rows, (row) => selected.columns.uid[row] ?? 0));
    const stored = await storeAll(context, command, uids);
    await report(context, command, rows, stored);
    return stored.refusal ? refused(stored.refusal) : completion(context, command, rows, stored);
  },
};

interface Stored {
  /** Of the entries that this command made. */
  readonly modSeqs: ReadonlySet<number>;
  /** UIDs that failed UNCHANGEDSINCE. */
  readonly modified: readonly UidSet[];
  readonly refusal?: Refusal;
}

const modes = { replace: 'set', add: 'add', remove: 'remove' } as const;

/** One entry, or several where one cannot hold the change; each goes on with what the last left over. */
async function storeAll(context: SelectedContext, command: StoreCommand, uids: UidSet): Promise<Stored> {
  const { account, selected } = context;
  const modSeqs = new Set<number>();
  const modified: UidSet[] = [];
  let left = uids;
  while (left.length > 0) {
    const unchangedSince = command.unchangedSince as ModSeq | undefined;
    const wish = {
      mailbox: selected.id,
      uids: left,
      mode: modes[command.mode],
      flags: command.flags,
      unchangedSince,
    };
    let decided = decideStore(account.state, wish);
    const committed = await account.commit((state) => {
      decided = decideStore(state, wish);
      // Each entry is committed on its own here: what is left over is not the same wish again.
      return 'append' in decided.decision ? { ...decided.decision, more: false } : decided.decision;
    });
    if (committed.kind === 'refused') return { modSeqs, modified, refusal: committed.refusal };
    if (committed.kind === 'done') modSeqs.add(committed.effect.modSeq);
    modified.push(decided.modified);
    left = decided.rest;
  }
  return { modSeqs, modified };
}

/** Takes the change into the view and tells what STORE has to tell: flags, unless .SILENT, and mod-sequences. */
async function report(
  context: SelectedContext,
  command: StoreCommand,
  rows: Uint32Array,
  { modSeqs, modified }: Stored,
): Promise<void> {
  const { selected, account, out, enabled } = context;
  const flags = canonicalFlags(command.flags);
  selected.update(out, account.state, false, enabled, {
    modSeqs,
    expected: (old) => expectedFlags(old, command, flags),
  });
  const condstore = enabled.has('CONDSTORE');
  if (command.silent && !condstore) return;
  const items: ColumnItem[] = [{ item: 'UID' }];
  if (!command.silent) items.push({ item: 'FLAGS' });
  if (condstore) items.push({ item: 'MODSEQ' });
  const failed = new Set(modified.flatMap((set) => [...rowNumbers(set, context)]));
  const changed = (row: number) => modSeqs.has(selected.columns.modSeq[row] ?? 0);
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
  const failed = stored.modified.flat();
  if (failed.length > 0) {
    const numbers = command.byUid ? failed : uidSetOf([...rowNumbers(failed, context)].map((row) => row + 1));
    return ok('Some were changed meanwhile', `MODIFIED ${formatUidSet(numbers)}`);
  }
  const missing = !command.byUid && gone(context, rows) && rows.some((row) => !isThere(context, row));
  return missing ? ok('Stored where the message still is', 'EXPUNGEISSUED') : ok('Stored');
}
