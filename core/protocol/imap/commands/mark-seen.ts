/** The \Seen that FETCH sets by reading (RFC 3501 6.4.5): one STORE for the whole command. */
import { changeFlags } from '../../../mail/flags.ts';
import { uidSetOf } from '../../../mail/uid-set.ts';
import { storeFlags } from '../../../service/account/commit-all.ts';
import type { SelectedContext } from '../context.ts';

/** Sets \Seen and takes it into the view without a word; answers the rows it was new for. */
export async function markSeen(context: SelectedContext, rows: Uint32Array): Promise<ReadonlySet<number>> {
  const { selected, account, out, enabled } = context;
  const { columns } = selected;
  const unseen = rows.filter((row) => !columns.flagSets.has(columns.flagSet(row), '\\Seen'));
  if (unseen.length === 0) return new Set();
  const uids = uidSetOf(unseen.map((row) => columns.uid[row] ?? 0));
  // A refusal (too many flags) is no reason to refuse the reading.
  const { effects } = await storeFlags(account, {
    mailbox: selected.id,
    uids,
    mode: 'add',
    flags: ['\\Seen'],
  });
  if (effects.length === 0) return new Set();
  const modSeqs = new Set<number>(effects.map(({ modSeq }) => modSeq));
  const expected = (flags: readonly string[]) => `(${changeFlags(flags, ['\\Seen'], []).join(' ')})`;
  selected.update(out, account.state, false, enabled, { modSeqs, expected });
  return new Set(unseen.filter((row) => modSeqs.has(selected.columns.modSeq(row))));
}
