// A short plain text from the first octets of a text part: decoded, without markup, white
// space folded. Bounded input, linear time. RFC 8970 (PREVIEW). Full text is made elsewhere.
import { decodeCharset } from './charset.ts';
import { MAX_PREVIEW_CODE_POINTS } from './limits.ts';
import { decodeTransfer } from './transfer-encoding.ts';
import type { PartNode } from './types.ts';

/** Octets that are tried before all that was kept: enough for most plain texts. */
const FIRST_TRY_BYTES = 2048;
/** White space, controls, and the invisible padding of newsletters. */
const BLANK = /(?:[\s\p{Cc}\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\u034f|\u061c|\u180e)+/gu;
const VISIBLE_BLANK = /[\s\p{Cc}]/u;
const HIDDEN_ELEMENTS = /^(style|script|head|title|template|noscript)\b/i;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  euro: '€',
  copy: '©',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
};

type TextPart = Pick<PartNode, 'subtype' | 'encoding' | 'charset'>;

/** At most MAX_PREVIEW_CODE_POINTS of the part's text; empty if there is none to read. */
export function previewOf(source: Uint8Array, part: TextPart): string {
  if (part.subtype !== 'html' && source.length > FIRST_TRY_BYTES) {
    const first = readPreview(source.subarray(0, FIRST_TRY_BYTES), part);
    if ([...first].length >= MAX_PREVIEW_CODE_POINTS) return first;
  }
  return readPreview(source, part);
}

/** Text of HTML without tags, comments and what is not shown; entities decoded. */
export function textOfHtml(html: string): string {
  let text = '';
  let position = 0;
  while (position < html.length) {
    const open = html.indexOf('<', position);
    if (open < 0) return text + decodeEntities(html.slice(position));
    text += decodeEntities(html.slice(position, open));
    if (!/[a-z/!?]/i.test(html[open + 1] ?? '')) {
      text += '<';
      position = open + 1;
      continue;
    }
    position = endOfMarkup(html, open);
    text += ' ';
  }
  return text;
}

function readPreview(source: Uint8Array, part: TextPart): string {
  const decoded = decodeCharset(decodeTransfer(source, part.encoding), part.charset);
  const text = part.subtype === 'html' ? textOfHtml(decoded) : decoded;
  const folded = text
    .replace(BLANK, foldBlank)
    .replace(/\ufffd+$/, '')
    .trim();
  // Code points, not units: twice as many units hold them all.
  const points = [...folded.slice(0, 2 * MAX_PREVIEW_CODE_POINTS)];
  return points.slice(0, MAX_PREVIEW_CODE_POINTS).join('').trimEnd().toWellFormed();
}

/** Joiners inside a word or an emoji stay; beside white space they are padding. */
function foldBlank(blank: string): string {
  return VISIBLE_BLANK.test(blank) ? ' ' : blank;
}

function endOfMarkup(html: string, open: number): number {
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4);
  const hidden = HIDDEN_ELEMENTS.exec(html.slice(open + 1, open + 12))?.[1];
  if (hidden === undefined) return after(html, '>', open + 1);
  const closing = new RegExp(`</${hidden}`, 'gi');
  closing.lastIndex = open + 1;
  const found = closing.exec(html);
  return found === null ? html.length : after(html, '>', found.index);
}

function after(html: string, text: string, start: number): number {
  const found = html.indexOf(text, start);
  return found < 0 ? html.length : found + text.length;
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (name[0] !== '#') return NAMED_ENTITIES[name] ?? whole;
    const hex = name[1] === 'x' || name[1] === 'X';
    const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      ? String.fromCodePoint(code)
      : ' ';
  });
}
