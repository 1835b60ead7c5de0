/**
 * FETCH of what needs the messages themselves: records come in batches ahead of the one being
 * written, short sections are read ahead, long ones are streamed. Memory is bounded by the
 * limits, whatever the messages are. RFC 3501 7.4.2.
 */
import { decodeParts } from '../../../mail/message/parts-codec.ts';
import type { MessageRecord } from '../../../mail/message-record.ts';
import type { Account, WantedMessages } from '../../../service/account/contract.ts';
import { ConnectionEnded } from '../../wire/connection.ts';
import type { FetchItem, SectionItem } from '../fetch-item.ts';
import { MAX_BUFFERED_SECTION_OCTETS, READ_AHEAD_MESSAGES, READ_AHEAD_OCTETS } from '../limits.ts';
import { ResponseBroken, type ResponseWriter } from '../response/writer.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { bodyText } from './body-text.ts';
import { type ColumnItem, columnText, isColumnItem } from './flag-lines.ts';
import { isFiltered, type Range, rangeOf, readSection, responseLabel } from './section.ts';

/** One message's response: pieces in order. What is too much to hold waits on the store until it is written. */
type Piece = string | Uint8Array | Deferred;

interface Deferred {
  readonly item: SectionItem;
  readonly range: Range;
}

interface Prepared {
  readonly record: MessageRecord;
  readonly pieces: readonly Piece[];
}

/** A response on its way, and what it may take in memory: short messages are read whole, of others a section. */
interface Waiting {
  readonly response: Promise<Prepared>;
  readonly octets: number;
}

/** What comes along with a row: FLAGS where \Seen was just set. */
type MoreOf = (row: number) => readonly ColumnItem[];

/** One FETCH response per row, none before `more` is known; until then as much as may be is read ahead. */
export async function writeMessageLines(
  account: Account,
  out: ResponseWriter,
  mailbox: SelectedMailbox,
  rows: Uint32Array,
  items: readonly FetchItem[],
  more: Promise<MoreOf>,
): Promise<void> {
  // Only a section is ever read so that \Seen is set.
  if (items.some(({ item }) => item === 'SECTION'))
    await writeSectionLines(account, out, mailbox, rows, items, more);
  else await writeRecordLines(account, out, mailbox, rows, items);
}

/** Records alone are asked for: nothing has to be waited for between a record and its line. */
async function writeRecordLines(
  account: Account,
  out: ResponseWriter,
  mailbox: SelectedMailbox,
  rows: Uint32Array,
  items: readonly FetchItem[],
): Promise<void> {
  let next = 0;
  for await (const records of account.scan(wantedOf(mailbox, rows)))
    for (const record of records) {
      const row = rows[next++] ?? 0;
      out.line(`* ${row + 1} FETCH (${recordItems(mailbox, row, record, items)})`);
      if (out.full) await out.flush();
    }
}

function recordItems(
  mailbox: SelectedMailbox,
  row: number,
  record: MessageRecord,
  items: readonly FetchItem[],
): string {
  let text = '';
  for (const item of items) {
    if (text !== '') text += ' ';
    if (isColumnItem(item)) text += columnText(mailbox, row, [item]);
    else if (item.item !== 'SECTION') text += recordText(record, item.item);
  }
  return text;
}

async function writeSectionLines(
  account: Account,
  out: ResponseWriter,
  mailbox: SelectedMailbox,
  rows: Uint32Array,
  items: readonly FetchItem[],
  more: Promise<MoreOf>,
): Promise<void> {
  const waiting: Waiting[] = [];
  let ahead = 0;
  const writeNext = async () => {
    const next = waiting.shift();
    if (next === undefined) return;
    await writePrepared(account, out, await next.response);
    ahead -= next.octets;
  };
  try {
    let next = 0;
    for await (const records of account.scan(wantedOf(mailbox, rows)))
      for (const record of records) {
        const row = rows[next++] ?? 0;
        const response = prepare(account, mailbox, row, record, items, more);
        response.catch(() => {}); // looked at when its turn comes
        const octets = Math.min(record.body.sizeBytes, MAX_BUFFERED_SECTION_OCTETS);
        waiting.push({ response, octets });
        ahead += octets;
        while (waiting.length >= READ_AHEAD_MESSAGES || ahead > READ_AHEAD_OCTETS) await writeNext();
      }
    while (waiting.length > 0) await writeNext();
  } finally {
    await Promise.allSettled(waiting.map(({ response }) => response));
  }
}

/** The rows' messages, as the account is asked to walk over them. */
function wantedOf({ columns }: SelectedMailbox, rows: Uint32Array): WantedMessages {
  return { count: rows.length, ids: (start, end) => columns.packedIds(rows.subarray(start, end)) };
}

/** Flags may be newer once `more` is known, so they are written after the sections are read. */
async function prepare(
  account: Account,
  mailbox: SelectedMailbox,
  row: number,
  record: MessageRecord,
  items: readonly FetchItem[],
  more: Promise<MoreOf>,
): Promise<Prepared> {
  const sections = await readSections(account, record, items);
  const all = [...items, ...(await more)(row)];
  const pieces: Piece[] = [`* ${row + 1} FETCH (`];
  for (const [index, item] of all.entries()) {
    if (index > 0) pieces.push(' ');
    if (item.item === 'SECTION') pieces.push(...(sections.get(item) ?? []));
    else pieces.push(isColumnItem(item) ? columnText(mailbox, row, [item]) : recordText(record, item.item));
  }
  pieces.push(')\r\n');
  return { record, pieces };
}

async function readSections(
  account: Account,
  record: MessageRecord,
  items: readonly FetchItem[],
): Promise<ReadonlyMap<SectionItem, readonly Piece[]>> {
  const sections = new Map<SectionItem, readonly Piece[]>();
  const asked = items.filter((item) => item.item === 'SECTION');
  if (asked.length === 0) return sections;
  const parts = decodeParts(record.parts);
  let budget = MAX_BUFFERED_SECTION_OCTETS;
  for (const item of asked) {
    const range = rangeOf(parts, item);
    const octets = range ? range.end - range.start : 0;
    sections.set(item, await sectionPieces(account, record, item, range, octets <= budget));
    if (octets <= budget) budget -= octets;
  }
  return sections;
}

function recordText(record: MessageRecord, item: 'ENVELOPE' | 'BODYSTRUCTURE' | 'BODY'): string {
  if (item === 'ENVELOPE') return `ENVELOPE ${record.envelope}`;
  if (item === 'BODYSTRUCTURE') return `BODYSTRUCTURE ${record.bodyStructure}`;
  return `BODY ${bodyText(record.bodyStructure)}`;
}

async function sectionPieces(
  account: Account,
  record: MessageRecord,
  item: SectionItem,
  range: Range | undefined,
  short: boolean,
): Promise<readonly Piece[]> {
  const label = responseLabel(item);
  if (!range) return [`${label} NIL`];
  if (!short) return [{ item, range }];
  const octets = await readSection(account, record, item, range);
  return [`${label} {${octets.length}}\r\n`, octets];
}

async function writePrepared(account: Account, out: ResponseWriter, prepared: Prepared): Promise<void> {
  for (const piece of prepared.pieces) {
    if (typeof piece === 'string') out.text(piece);
    else if (piece instanceof Uint8Array) out.octets(piece);
    else await writeDeferred(account, out, prepared.record, piece);
  }
  if (out.full) await out.flush();
}

/** The response was begun: from here on it is all of it, or the end of the connection. */
async function writeDeferred(
  account: Account,
  out: ResponseWriter,
  record: MessageRecord,
  { item, range }: Deferred,
): Promise<void> {
  try {
    if (isFiltered(item.section)) await writeFields(account, out, record, { item, range });
    else await writeStream(account, out, record, { item, range });
  } catch (cause) {
    if (cause instanceof ConnectionEnded || cause instanceof ResponseBroken) throw cause;
    throw new ResponseBroken('a body could not be read to its end', { cause });
  }
}

async function writeFields(
  account: Account,
  out: ResponseWriter,
  record: MessageRecord,
  { item, range }: Deferred,
): Promise<void> {
  const octets = await readSection(account, record, item, range);
  out.text(`${responseLabel(item)} {${octets.length}}\r\n`);
  out.octets(octets);
  await out.flush();
}

async function writeStream(
  account: Account,
  out: ResponseWriter,
  record: MessageRecord,
  { item, range }: Deferred,
): Promise<void> {
  let left = range.end - range.start;
  out.text(`${responseLabel(item)} {${left}}\r\n`);
  for await (const chunk of account.stream(record, range.start, range.end)) {
    left -= chunk.length;
    if (left < 0) break;
    out.octets(chunk);
    if (out.full) await out.flush();
  }
  if (left !== 0) throw new ResponseBroken('a body is not as long as its record says');
}
