/** FETCH's arguments (RFC 3501 6.4.5, RFC 7162 3.1.4.1). */
import type { FetchCommand } from '../command.ts';
import type { FetchItem, Section } from '../fetch-item.ts';
import { MAX_FETCH_ITEMS, MAX_HEADER_NAMES, MAX_SECTION_DEPTH } from '../limits.ts';
import { type Scanner, SyntaxFault } from './scanner.ts';

const macros: Readonly<Record<string, readonly FetchItem[]>> = {
  FAST: [{ item: 'FLAGS' }, { item: 'INTERNALDATE' }, { item: 'RFC822.SIZE' }],
  ALL: [{ item: 'FLAGS' }, { item: 'INTERNALDATE' }, { item: 'RFC822.SIZE' }, { item: 'ENVELOPE' }],
  FULL: [
    { item: 'FLAGS' },
    { item: 'INTERNALDATE' },
    { item: 'RFC822.SIZE' },
    { item: 'ENVELOPE' },
    { item: 'BODY' },
  ],
};

/** ABNF: "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"). */
export function parseFetch(scanner: Scanner, byUid: boolean): FetchCommand {
  scanner.space();
  const set = scanner.sequenceSet();
  scanner.space();
  const items = scanItems(scanner);
  const changedSince = scanner.skip(' ') ? scanModifier(scanner) : undefined;
  // RFC 7162 3.1.4.1: CHANGEDSINCE implies MODSEQ; RFC 3501 6.4.8: UID FETCH implies UID.
  const implied: FetchItem[] = [];
  if (byUid) implied.push({ item: 'UID' });
  if (changedSince !== undefined) implied.push({ item: 'MODSEQ' });
  return { name: 'FETCH', byUid, set, items: distinct([...implied, ...items]), changedSince };
}

function scanItems(scanner: Scanner): readonly FetchItem[] {
  if (!scanner.skip('(')) return scanMacro(scanner) ?? [scanItem(scanner)];
  const items = [scanItem(scanner)];
  while (!scanner.skip(')')) {
    scanner.space();
    items.push(scanItem(scanner));
    if (items.length > MAX_FETCH_ITEMS) throw new SyntaxFault(`more than ${MAX_FETCH_ITEMS} items`);
  }
  return items;
}

const wordPattern = /[A-Za-z0-9.]+/y;

function scanMacro(scanner: Scanner): readonly FetchItem[] | undefined {
  const start = scanner.at;
  const macro = macros[(scanner.match(wordPattern)?.[0] ?? '').toUpperCase()];
  if (!macro) scanner.at = start;
  return macro;
}

function scanItem(scanner: Scanner): FetchItem {
  const name = (scanner.match(wordPattern)?.[0] ?? '').toUpperCase();
  switch (name) {
    case 'FLAGS':
    case 'UID':
    case 'INTERNALDATE':
    case 'RFC822.SIZE':
    case 'ENVELOPE':
    case 'BODYSTRUCTURE':
    case 'MODSEQ':
      return { item: name };
    case 'RFC822':
      return whole('RFC822', 'ALL', false);
    case 'RFC822.HEADER':
      return whole('RFC822.HEADER', 'HEADER', true);
    case 'RFC822.TEXT':
      return whole('RFC822.TEXT', 'TEXT', false);
    case 'BODY':
      return scanner.looksAt('[') ? scanSection(scanner, false) : { item: 'BODY' };
    case 'BODY.PEEK':
      return scanSection(scanner, true);
    default:
      throw new SyntaxFault(`unknown FETCH item ${name}`);
  }
}

function whole(label: string, text: Section['text'], peek: boolean): FetchItem {
  return { item: 'SECTION', label, section: { part: '', text, fields: [] }, partial: undefined, peek };
}

const partPattern = /[1-9][0-9]{0,4}(?:\.[1-9][0-9]{0,4})*/y;
const textPattern = /HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME/iy;
const partialPattern = /<([0-9]{1,10})\.([1-9][0-9]{0,9})>/y;

/** ABNF: "[" [section-part ["." section-text] / section-msgtext] "]" ["<" number "." nz-number ">"]. */
function scanSection(scanner: Scanner, peek: boolean): FetchItem {
  scanner.expect('[');
  const part = scanner.match(partPattern)?.[0] ?? '';
  if (part.split('.').length > MAX_SECTION_DEPTH) throw new SyntaxFault('section too deep');
  const named = part === '' || scanner.skip('.');
  const word = named ? scanner.match(textPattern)?.[0].toUpperCase() : undefined;
  if (part !== '' && named && word === undefined) throw new SyntaxFault('bad section');
  if (part === '' && word === 'MIME') throw new SyntaxFault('MIME needs a part number');
  const section = scanFields(scanner, part, word);
  scanner.expect(']');
  const matched = scanner.match(partialPattern);
  const partial = matched && { start: Number(matched[1]), count: Number(matched[2]) };
  return { item: 'SECTION', label: `BODY[${sectionLabel(section)}]`, section, partial, peek };
}

function scanFields(scanner: Scanner, part: string, word: string | undefined): Section {
  if (word === undefined) return { part, text: 'ALL', fields: [] };
  if (word === 'HEADER' || word === 'TEXT' || word === 'MIME') return { part, text: word, fields: [] };
  scanner.space();
  scanner.expect('(');
  const fields = [scanner.astring('a header field name')];
  while (!scanner.skip(')')) {
    scanner.space();
    fields.push(scanner.astring('a header field name'));
    if (fields.length > MAX_HEADER_NAMES)
      throw new SyntaxFault(`more than ${MAX_HEADER_NAMES} header fields`);
  }
  return { part, text: word === 'HEADER.FIELDS' ? 'FIELDS' : 'FIELDS.NOT', fields };
}

function sectionLabel({ part, text, fields }: Section): string {
  const dot = part === '' ? '' : `${part}.`;
  if (text === 'ALL') return part;
  if (text === 'FIELDS') return `${dot}HEADER.FIELDS (${fields.map(fieldLabel).join(' ')})`;
  if (text === 'FIELDS.NOT') return `${dot}HEADER.FIELDS.NOT (${fields.map(fieldLabel).join(' ')})`;
  return `${dot}${text}`;
}

/** Names are echoed as atoms where they are such, else quoted; CR, LF and 8-bit octets could break the line. */
function fieldLabel(name: string): string {
  if (/^[^\x00-\x20\x7f-\xff(){%*"\\\]]+$/.test(name)) return name;
  return `"${name.replace(/[\r\n\x00\x80-\xff]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

/** ABNF: "(" "CHANGEDSINCE" SP mod-sequence-value ")". */
function scanModifier(scanner: Scanner): number {
  scanner.expect('(');
  const word = scanner.word();
  if (word !== 'CHANGEDSINCE') throw new SyntaxFault(`unknown FETCH modifier ${word}`);
  scanner.space();
  const value = scanner.number('a mod-sequence');
  scanner.expect(')');
  return value;
}

function distinct(items: readonly FetchItem[]): readonly FetchItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const name =
      item.item === 'SECTION' ? `${item.label}<${item.partial?.start}.${item.partial?.count}>` : item.item;
    return !seen.has(name) && seen.add(name);
  });
}
