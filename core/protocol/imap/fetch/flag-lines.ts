/**
 * FETCH of what the mailbox's columns hold (FLAGS, UID, INTERNALDATE, RFC822.SIZE, MODSEQ):
 * no record and no body is read. Lines are built in chunks; other sessions get their turn
 * between them. The commonest of all, UID and FLAGS, has digits written straight into octets.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FetchItem } from '../fetch-item.ts';
import { ROWS_PER_TURN } from '../limits.ts';
import { formatDateTime } from '../response/text.ts';
import type { ResponseWriter } from '../response/writer.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';

export type ColumnItem = Extract<
  FetchItem,
  { readonly item: 'FLAGS' | 'UID' | 'INTERNALDATE' | 'RFC822.SIZE' | 'MODSEQ' }
>;

/** Whether the columns alone answer an item. */
export function isColumnItem(item: FetchItem): item is ColumnItem {
  return (
    item.item !== 'SECTION' &&
    item.item !== 'ENVELOPE' &&
    item.item !== 'BODYSTRUCTURE' &&
    item.item !== 'BODY'
  );
}

/** One FETCH response per row. */
export async function writeColumnLines(
  out: ResponseWriter,
  mailbox: SelectedMailbox,
  rows: Uint32Array,
  items: readonly ColumnItem[],
): Promise<void> {
  const names = items.map(({ item }) => item);
  const uidAndFlags = names.length === 2 && names[0] === 'UID' && names[1] === 'FLAGS';
  for (let start = 0; start < rows.length; start += ROWS_PER_TURN) {
    if (start > 0) await nextTurn();
    const some = rows.subarray(start, start + ROWS_PER_TURN);
    if (uidAndFlags) out.octets(uidFlagOctets(mailbox, some));
    else for (const row of some) out.line(`* ${row + 1} FETCH (${columnText(mailbox, row, items)})`);
    if (out.full) await out.flush();
  }
}

/** `UID 5 FLAGS (\Seen)`: the items of one row. */
export function columnText(mailbox: SelectedMailbox, row: number, items: readonly ColumnItem[]): string {
  let text = '';
  for (const { item } of items)
    text += text === '' ? itemText(mailbox, row, item) : ` ${itemText(mailbox, row, item)}`;
  return text;
}

function itemText(mailbox: SelectedMailbox, row: number, item: ColumnItem['item']): string {
  const { columns } = mailbox;
  switch (item) {
    case 'FLAGS':
      return `FLAGS ${mailbox.flagsText(row)}`;
    case 'UID':
      return `UID ${columns.uid[row]}`;
    case 'INTERNALDATE':
      return `INTERNALDATE "${formatDateTime(columns.internalDateMs[row] ?? 0)}"`;
    case 'RFC822.SIZE':
      return `RFC822.SIZE ${columns.sizeBytes[row]}`;
    case 'MODSEQ':
      return `MODSEQ (${columns.modSeq(row)})`;
  }
}

const fetchUid = Buffer.from(' FETCH (UID ');
const ZERO = 0x30;

/** `* 7 FETCH (UID 9 FLAGS (\Seen))` for each row. */
function uidFlagOctets(mailbox: SelectedMailbox, rows: Uint32Array): Buffer {
  const { columns, anyRecent } = mailbox;
  const endings = new Map<number, Buffer>();
  let octets = Buffer.allocUnsafe(rows.length * 64 + 1024);
  let at = 0;
  for (const row of rows) {
    const set = columns.flagSet(row);
    const uid = columns.uid[row] ?? 0;
    const recent = anyRecent && mailbox.isRecent(uid);
    const key = recent ? -1 - set : set;
    const ending = endings.get(key) ?? Buffer.from(` FLAGS ${mailbox.flagsText(row)})\r\n`);
    endings.set(key, ending);
    if (at + 64 + ending.length > octets.length)
      octets = Buffer.concat([octets.subarray(0, at)], octets.length * 2);
    octets[at++] = 0x2a;
    octets[at++] = 0x20;
    at = writeNumber(octets, at, row + 1);
    for (let i = 0; i < fetchUid.length; i++) octets[at++] = fetchUid[i] ?? 0;
    at = writeNumber(octets, at, uid);
    for (let i = 0; i < ending.length; i++) octets[at++] = ending[i] ?? 0;
  }
  return octets.subarray(0, at);
}

/** Decimal digits at `at`; answers the place after them. */
function writeNumber(octets: Buffer, at: number, value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  let rest = value;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = Math.floor(rest / 10);
    octets[place] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}
