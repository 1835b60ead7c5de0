/**
 * The octets that one BODY[...] item asks for: where they lie, and reading them when they
 * are few. RFC 3501 6.4.5. Knows nothing of sequence numbers and writing.
 */
import { selectHeaderFields } from '../../../mail/message/header-fields.ts';
import { resolveSection } from '../../../mail/message/sections.ts';
import type { PartNode } from '../../../mail/message/types.ts';
import type { MessageRecord } from '../../../mail/message-record.ts';
import type { Account } from '../../../service/account/contract.ts';
import type { Section, SectionItem } from '../fetch-item.ts';
import { MAX_HEADER_OCTETS } from '../limits.ts';

/** Octets [start, end) of the message. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where an item's octets lie; undefined where the message has no such part. FIELDS ask for their header. */
export function rangeOf(root: PartNode, item: SectionItem): Range | undefined {
  const { section, partial } = item;
  const range = resolveSection(root, sectionName(section));
  if (!range || isFiltered(section)) return range;
  return cut(range, partial);
}

/** Whether the octets are picked out of a header and not one range. */
export function isFiltered({ text }: Section): boolean {
  return text === 'FIELDS' || text === 'FIELDS.NOT';
}

/** Reads a range, header fields picked out. */
export async function readSection(
  account: Account,
  record: MessageRecord,
  item: SectionItem,
  range: Range,
): Promise<Uint8Array> {
  const { section, partial } = item;
  if (!isFiltered(section))
    return range.start === range.end ? empty : account.read(record, range.start, range.end);
  const end = Math.min(range.end, range.start + MAX_HEADER_OCTETS);
  const header = range.start === end ? empty : await account.read(record, range.start, end);
  const fields = selectHeaderFields(header, section.fields, section.text === 'FIELDS.NOT');
  const { start, end: stop } = cut({ start: 0, end: fields.length }, partial);
  return fields.subarray(start, stop);
}

/** The response's name for it, the origin of a partial included: `BODY[]<0>`. */
export function responseLabel({ label, partial }: SectionItem): string {
  return partial ? `${label}<${partial.start}>` : label;
}

const empty = new Uint8Array(0);

function cut(range: Range, partial: SectionItem['partial']): Range {
  if (!partial) return range;
  const start = Math.min(range.end, range.start + partial.start);
  return { start, end: Math.min(range.end, start + partial.count) };
}

function sectionName({ part, text }: Section): string {
  if (text === 'ALL') return part;
  const word = isFiltered({ part, text, fields: [] }) ? 'HEADER' : text;
  return part === '' ? word : `${part}.${word}`;
}
