/** The \Seen that FETCH sets by reading (RFC 3501 6.4.5): one STORE for the whole command. */
import { decideStore } from '../../../mail/account/decide-store.ts';
import { changeFlags } from '../../../mail/flags.ts';
import { uidSetOf } from '../../../mail/uid-set.ts';
import type { SelectedContext } from '../context.ts';

/** Sets \Seen and takes it into the view without a word; answers the rows it was new for. */
export async function markSeen(context: SelectedContext, rows: Uint32Array): Promise<ReadonlySet<number>> {
  const { selected, account, out, enabled } = context;
  const { columns } = selected;
  const unseen = rows.filter((row) => !columns.flagSets.has(columns.flagSet[row] ?? 0, '\\Seen'));
  if (unseen.length === 0) return new Set();
  const uids = uidSetOf(Array.from(unseen, (row) => columns.uid[row] ?? 0));
  const wish = { mailbox: selected.id, uids, mode: 'add', flags: ['\\Seen'] } as const;
  const committed = await account.commit((state) => decideStore(state, wish).decision);
  // A refusal (too many flags) is no reason to refuse the reading.
  if (committed.kind !== 'done') return new Set();
  const { modSeq } = committed.effect;
  const expected = (flags: readonly string[]) => `(${changeFlags(flags, ['\\Seen'], []).join(' ')})`;
  selected.update(out, account.state, false, enabled, { modSeqs: new Set([modSeq]), expected });
  return new Set(unseen.filter((row) => selected.columns.modSeq[row] === modSeq));
}
