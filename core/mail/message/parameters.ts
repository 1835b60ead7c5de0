// Values of the form `token; name=value; ...` (Content-Type, Content-Disposition), with the
// continuations and charsets of RFC 2231. Liberal: reads what it can, skips the rest.
// RFC 2045 5.1, RFC 2183 2, RFC 2231. Strings hold one octet per char.
import { Buffer } from 'node:buffer';
import { decodeCharset } from './charset.ts';
import { decodeEncodedWords } from './encoded-words.ts';
import { MAX_COMMENT_DEPTH, MAX_PARAMETER_VALUE_BYTES, MAX_PARAMETERS } from './limits.ts';
import type { Parameter } from './types.ts';

export interface ParameterisedValue {
  /** What stands before the first `;`, comments and blanks removed, lower case. */
  readonly head: string;
  readonly parameters: readonly Parameter[];
}

/** Cuts a value into its head and parameters; of equal names the first counts. */
export function parseParameterised(rawValue: string): ParameterisedValue {
  const headEnd = endOfHead(rawValue);
  const head = rawValue.slice(0, headEnd);
  const bare = head.includes('(') ? stripComments(head) : head;
  return {
    head: bare.replace(/\s+/g, '').toLowerCase(),
    parameters: headEnd < rawValue.length ? joinSections(readParameters(rawValue, headEnd)) : [],
  };
}

/** Text without RFC 5322 comments; an unclosed one runs to the end. */
export function stripComments(text: string): string {
  let out = '';
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf('(', position);
    if (open < 0) return out + text.slice(position);
    out += `${text.slice(position, open)} `;
    position = endOfComment(text, open);
  }
  return out;
}

/** The index after the comment that opens at `open`. Past the depth limit, nesting is not counted. */
export function endOfComment(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    const char = text[index];
    if (char === '\\') index++;
    else if (char === '(' && depth < MAX_COMMENT_DEPTH) depth++;
    else if (char === ')' && --depth === 0) return index + 1;
  }
  return text.length;
}

/** A parameter's text: its RFC 2231 form if there is one, else as is or from encoded-words. */
export function decodeParameter(parameters: readonly Parameter[], name: string): string | undefined {
  const extended = parameters.find((parameter) => parameter.name === `${name}*`);
  if (extended !== undefined) return decodeExtended(extended.value);
  const plain = parameters.find((parameter) => parameter.name === name);
  return plain === undefined ? undefined : decodeEncodedWords(plain.value);
}

/** Text in the extended form of RFC 2231 4: pure ASCII. */
export function encodeExtended(text: string): string {
  return `utf-8''${escapeOctets(Buffer.from(text, 'utf8').toString('latin1'))}`;
}

function endOfHead(value: string): number {
  const semicolon = value.indexOf(';');
  const open = value.indexOf('(');
  if (open < 0 || semicolon < open) return semicolon < 0 ? value.length : semicolon;
  const after = value.indexOf(';', endOfComment(value, open));
  return after < 0 ? value.length : after;
}

function readParameters(value: string, start: number): Parameter[] {
  const found: Parameter[] = [];
  let position = start;
  while (position < value.length && found.length < MAX_PARAMETERS) {
    position = skipBlanks(value, position, true);
    const name = /[^\s=;()"]*/y;
    name.lastIndex = position;
    const label = name.exec(value)?.[0] ?? '';
    const equals = skipBlanks(value, position + label.length, false);
    if (value[equals] !== '=' || label === '') {
      position = Math.max(nextSemicolon(value, equals), position + 1);
      continue;
    }
    const read = readValue(value, skipBlanks(value, equals + 1, false), label);
    found.push({ name: label.toLowerCase(), value: read.value.slice(0, MAX_PARAMETER_VALUE_BYTES) });
    position = read.end;
  }
  return found;
}

function readValue(value: string, start: number, label: string): { value: string; end: number } {
  if (value[start] === '"') return readQuoted(value, start);
  const end = nextSemicolon(value, start);
  const raw = value.slice(start, end).replace(/\r?\n/g, '').trim();
  // Many senders forget the quotes around a file name with spaces or brackets.
  const isName = /^(file)?name/i.test(label);
  return { value: isName ? raw : (/^[^\s(]*/.exec(raw)?.[0] ?? ''), end };
}

function readQuoted(value: string, start: number): { value: string; end: number } {
  let index = start + 1;
  while (index < value.length && value[index] !== '"') index += value[index] === '\\' ? 2 : 1;
  const raw = value.slice(start + 1, index);
  const text = raw.replace(/\r?\n/g, '').replace(/\\([\s\S])/g, '$1');
  return { value: text, end: nextSemicolon(value, Math.min(index + 1, value.length)) };
}

function nextSemicolon(value: string, start: number): number {
  const found = value.indexOf(';', start);
  return found < 0 ? value.length : found;
}

function skipBlanks(value: string, start: number, semicolons: boolean): number {
  let index = start;
  while (index < value.length) {
    const char = value[index];
    if (char === '(') index = endOfComment(value, index);
    else if (char === ' ' || char === '\t' || char === '\r' || char === '\n' || (semicolons && char === ';'))
      index++;
    else break;
  }
  return index;
}

/** RFC 2231 3: `name*0`, `name*1*` become one parameter, `name*` if any section is extended. */
function joinSections(found: readonly Parameter[]): readonly Parameter[] {
  if (!found.some((parameter) => parameter.name.includes('*'))) return firstOfEach(found);
  const plain: Parameter[] = [];
  const sections = new Map<string, { index: number; extended: boolean; value: string }[]>();
  for (const parameter of found) {
    const match = /^([^*]+)\*(\d{1,3})(\*?)$/.exec(parameter.name);
    if (match === null) {
      plain.push(parameter);
      continue;
    }
    const [, name = '', index = '', star] = match;
    const list = sections.get(name) ?? [];
    list.push({ index: Number(index), extended: star === '*', value: parameter.value });
    sections.set(name, list);
  }
  for (const [name, list] of sections) plain.push(joinOne(name, list));
  return firstOfEach(plain);
}

function joinOne(name: string, sections: { index: number; extended: boolean; value: string }[]): Parameter {
  sections.sort((a, b) => a.index - b.index);
  const extended = sections.some((section) => section.extended);
  const values = sections.map((section) =>
    extended && !section.extended ? escapeOctets(section.value) : section.value,
  );
  // Extended sections without a charset in the first one still need its two quotes.
  const prefix = extended && sections[0]?.extended !== true ? "''" : '';
  const value = (prefix + values.join('')).slice(0, MAX_PARAMETER_VALUE_BYTES);
  return { name: extended ? `${name}*` : name, value };
}

function firstOfEach(found: readonly Parameter[]): readonly Parameter[] {
  const names = new Set<string>();
  return found.filter((parameter) => !names.has(parameter.name) && names.add(parameter.name));
}

/** RFC 2231 4: charset'language'percent-encoded octets. */
function decodeExtended(value: string): string {
  const match = /^([^']*)'[^']*'([\s\S]*)$/.exec(value);
  const octets = (match?.[2] ?? value).replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decodeCharset(Buffer.from(octets, 'latin1'), match?.[1]).normalize('NFC');
}

function escapeOctets(octets: string): string {
  return octets.replace(
    /[^A-Za-z0-9!#$&+.^_`{|}~-]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
