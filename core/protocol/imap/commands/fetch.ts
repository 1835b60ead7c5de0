/** FETCH and UID FETCH (RFC 3501 6.4.5), CHANGEDSINCE (RFC 7162 3.1.4.1), \Seen set on reading. */
import type { FetchCommand } from '../command.ts';
import type { SelectedContext } from '../context.ts';
import { type ColumnItem, isColumnItem, writeColumnLines } from '../fetch/flag-lines.ts';
import { writeMessageLines } from '../fetch/message-lines.ts';
import type { FetchItem } from '../fetch-item.ts';
import type { Handler } from '../handler.ts';
import { RECORD_BATCH } from '../limits.ts';
import { bad, ok } from '../response/status.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { markSeen } from './mark-seen.ts';

export const fetch: Handler<'FETCH'> = {
  state: 'selected',
  holdsExpunge: ({ byUid }) => !byUid,
  async run(context, command) {
    const { selected, account, out, enabled } = context;
    const asked = selected.rows(command.set, command.byUid);
    if (!asked) return bad('There is no message with that number');
    if (command.items.some(({ item }) => item === 'MODSEQ')) enabled.add('CONDSTORE');
    const rows = changedRows(selected, asked, command.changedSince);
    if (rows.length === 0) return ok('Nothing to fetch');
    const { items } = command;
    if (items.every(isColumnItem)) {
      await writeColumnLines(out, selected, rows, items.filter(isColumnItem));
      return ok('Fetched');
    }
    const newlySeen = setsSeen(context, command) ? await markSeenAhead(context, rows) : new Set();
    const flagged = withItems(
      items,
      enabled.has('CONDSTORE') ? [{ item: 'FLAGS' }, { item: 'MODSEQ' }] : [{ item: 'FLAGS' }],
    );
    await writeMessageLines(account, out, selected, rows, (row) => (newlySeen.has(row) ? flagged : items));
    return ok('Fetched');
  },
};

function changedRows(
  { columns }: SelectedMailbox,
  rows: Uint32Array,
  since: number | undefined,
): Uint32Array {
  return since === undefined ? rows : rows.filter((row) => columns.modSeq(row) > since);
}

function setsSeen({ selected }: SelectedContext, { items }: FetchCommand): boolean {
  return items.some((item) => item.item === 'SECTION' && !item.peek) && !selected.readOnly;
}

/** Rows that are \Seen now because of this command: their FLAGS go with the answer. The first records are read meanwhile. */
function markSeenAhead(context: SelectedContext, rows: Uint32Array): Promise<ReadonlySet<number>> {
  const { account, selected } = context;
  const first = Array.from(rows.subarray(0, RECORD_BATCH), (row) => selected.columns.messageId(row));
  account.records(first).catch(() => {}); // whoever writes the lines hears of it
  return markSeen(context, rows);
}

function withItems(items: readonly FetchItem[], more: readonly ColumnItem[]): readonly FetchItem[] {
  return [...items, ...more.filter(({ item }) => !items.some((one) => one.item === item))];
}
