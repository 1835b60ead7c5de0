/** FETCH and UID FETCH (RFC 3501 6.4.5), CHANGEDSINCE (RFC 7162 3.1.4.1), \Seen set on reading. */
import type { FetchCommand } from '../command.ts';
import type { SelectedContext } from '../context.ts';
import { type ColumnItem, isColumnItem, writeColumnLines } from '../fetch/flag-lines.ts';
import { writeMessageLines } from '../fetch/message-lines.ts';
import type { FetchItem } from '../fetch-item.ts';
import type { Handler } from '../handler.ts';
import { isFinal } from '../response/final.ts';
import { bad, ok } from '../response/status.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { markSeen } from './mark-seen.ts';

export const fetch: Handler<'FETCH'> = {
  state: 'selected',
  holdsExpunge: ({ byUid }) => !byUid,
  async run(context, command) {
    const { selected, out, enabled } = context;
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
    await writeWhileSeen(context, command, rows);
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

/** What is asked for is read while \Seen is set; nothing is written before it is. */
async function writeWhileSeen(
  context: SelectedContext,
  command: FetchCommand,
  rows: Uint32Array,
): Promise<void> {
  const { selected, account, out, enabled } = context;
  const { items } = command;
  const newlySeen = seenRows(context, command, rows);
  const more = newlySeen.then((seen) => {
    const flags = notIn(items, enabled.has('CONDSTORE') ? flagsAndModSeq : flagsOnly);
    return (row: number) => (seen.has(row) ? flags : []);
  });
  more.catch(() => {}); // whatever is written waits for it, unless that fails before
  try {
    await writeMessageLines(account, out, selected, rows, items, more);
  } catch (error) {
    // Setting \Seen tells what else has changed, which must not fall into the next command's answer.
    const seen = await newlySeen.catch(() => new Set<number>());
    if (!isFinal(error)) await tellSeen(context, command, [...seen]);
    throw error;
  }
}

/** They are \Seen although their bodies could not be read: the view has it, so nobody tells of it later. */
async function tellSeen(
  { selected, out, enabled }: SelectedContext,
  { byUid }: FetchCommand,
  rows: readonly number[],
): Promise<void> {
  const flags = enabled.has('CONDSTORE') ? flagsAndModSeq : flagsOnly;
  await writeColumnLines(out, selected, Uint32Array.from(rows), byUid ? [{ item: 'UID' }, ...flags] : flags);
}

const flagsOnly: readonly ColumnItem[] = [{ item: 'FLAGS' }];
const flagsAndModSeq: readonly ColumnItem[] = [{ item: 'FLAGS' }, { item: 'MODSEQ' }];

/** Rows that are \Seen now because of this command: their FLAGS go with the answer. */
async function seenRows(
  context: SelectedContext,
  { items }: FetchCommand,
  rows: Uint32Array,
): Promise<ReadonlySet<number>> {
  const reads = items.some((item) => item.item === 'SECTION' && !item.peek);
  return reads && !context.selected.readOnly ? markSeen(context, rows) : new Set();
}

function notIn(items: readonly FetchItem[], more: readonly ColumnItem[]): readonly ColumnItem[] {
  return more.filter(({ item }) => !items.some((one) => one.item === item));
}
