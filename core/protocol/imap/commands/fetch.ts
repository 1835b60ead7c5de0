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
    askAhead(context, rows);
    const newlySeen = await seenRows(context, command, rows);
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
  return since === undefined ? rows : rows.filter((row) => (columns.modSeq[row] ?? 0) > since);
}

/** The first records are read while \Seen is set: the lines find them on their way. */
function askAhead({ account, selected: { columns } }: SelectedContext, rows: Uint32Array): void {
  const first = Array.from(rows.subarray(0, RECORD_BATCH), (row) => columns.messageId(row));
  account.records(first).catch(() => {}); // whoever writes the lines hears of it
}

/** Rows that are \Seen now because of this command: their FLAGS go with the answer. */
async function seenRows(
  context: SelectedContext,
  { items }: FetchCommand,
  rows: Uint32Array,
): Promise<ReadonlySet<number>> {
  const reads = items.some((item) => item.item === 'SECTION' && !item.peek);
  return reads && !context.selected.readOnly ? markSeen(context, rows) : new Set();
}

function withItems(items: readonly FetchItem[], more: readonly ColumnItem[]): readonly FetchItem[] {
  return [...items, ...more.filter(({ item }) => !items.some((one) => one.item === item))];
}
