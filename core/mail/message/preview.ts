// A short plain text from the first octets of a text part: decoded, without markup, white
// space folded. Bounded input, linear time. RFC 8970 (PREVIEW). Full text is made elsewhere.
import { decodeCharset } from './charset.ts';
import { MAX_PREVIEW_CODE_POINTS } from './limits.ts';
import { decodeTransfer } from './transfer-encoding.ts';
import type { PartNode } from './types.ts';

/** Octets that are tried before all that was kept: enough for most plain texts. */
const FIRST_TRY_BYTES = 768;
/** Characters at the end of a cut that may be half a code or half a character. */
const UNSURE_CHARS = 4;
const SPACE = 0x20;
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
    const first = readPreview(source.subarray(0, FIRST_TRY_BYTES), part, UNSURE_CHARS);
    if ([...first].length >= MAX_PREVIEW_CODE_POINTS) return first;
  }
  return readPreview(source, part, 0);
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

function readPreview(source: Uint8Array, part: TextPart, dropChars: number): string {
  const decoded = decodeCharset(decodeTransfer(source, part.encoding), part.charset);
  const text = part.subtype === 'html' ? textOfHtml(decoded) : decoded;
  return foldText(dropChars === 0 ? text : text.slice(0, -dropChars));
}

/**
 * Folds white space, stops after MAX_PREVIEW_CODE_POINTS. Joiners inside a word or an emoji
 * stay; beside white space they are the invisible padding of newsletters, and go.
 */
function foldText(text: string): string {
  let folded = '';
  let points = 0;
  let inkStart = -1;
  let gapStart = 0;
  let gapIsVisible = false;
  for (let index = 0; index <= text.length && points < MAX_PREVIEW_CODE_POINTS; index++) {
    const code = index < text.length ? text.charCodeAt(index) : SPACE;
    // A single space inside a line is part of it: the common case, without a cut.
    if (code === SPACE && inkStart >= 0 && isPlainInk(text.charCodeAt(index + 1))) {
      points++;
      if (points >= MAX_PREVIEW_CODE_POINTS) folded += text.slice(inkStart, index);
      continue;
    }
    const kind = isPlainInk(code) ? 'ink' : kindOf(code);
    if (kind !== 'ink') {
      if (inkStart >= 0) folded += text.slice(inkStart, index);
      if (inkStart >= 0) gapStart = index;
      inkStart = -1;
      gapIsVisible ||= kind === 'blank';
      continue;
    }
    if (inkStart < 0) {
      if (folded !== '') {
        folded += gapIsVisible ? ' ' : text.slice(gapStart, index);
        points += gapIsVisible ? 1 : index - gapStart;
      }
      gapIsVisible = false;
      inkStart = index;
    }
    if ((code & 0xfc00) !== 0xdc00) points++;
    // The second half of the last pair still belongs to it.
    const isPair = (code & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    if (points >= MAX_PREVIEW_CODE_POINTS) folded += text.slice(inkStart, index + (isPair ? 2 : 1));
  }
  return firstPoints(folded);
}

/** Joiners can take the count a little past the limit; a cut octet sequence leaves U+FFFD. */
function firstPoints(folded: string): string {
  const cut =
    folded.length > MAX_PREVIEW_CODE_POINTS ? [...folded].slice(0, MAX_PREVIEW_CODE_POINTS).join('') : folded;
  return cut
    .replace(/\ufffd+$/, '')
    .trimEnd()
    .toWellFormed();
}

function isPlainInk(code: number): boolean {
  return code > SPACE && code < 0x7f;
}

type CharKind = 'ink' | 'blank' | 'joiner';

function kindOf(code: number): CharKind {
  if (code <= SPACE || (code >= 0x7f && code <= 0xa0)) return 'blank';
  if (code < 0x2000)
    return code === 0xad || code === 0x34f || code === 0x61c || code === 0x180e ? 'joiner' : 'ink';
  if (code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f)
    return 'blank';
  if (code <= 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f))
    return 'joiner';
  if (code === 0x3000) return 'blank';
  return code === 0xfeff ? 'joiner' : 'ink';
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
