// Address fields into mailboxes and groups, liberally. Strings hold one octet per char;
// encoded-words are left in names. RFC 5322 3.4 (address), 4.4 (obsolete forms), RFC 6532.
import { decodeEncodedWords } from './encoded-words.ts';
import { MAX_ADDRESS_FIELD_BYTES, MAX_ADDRESSES } from './limits.ts';
import { endOfComment } from './parameters.ts';
import type { AddressItem, MailAddress } from './types.ts';

interface Token {
  readonly kind: 'word' | 'comment' | 'special';
  readonly text: string;
  /** Whether blanks stand before it. */
  readonly apart: boolean;
}

/**
 * Reads an address list. Never fails: what is no address becomes one with an empty domain.
 * At most MAX_ADDRESSES items of the first MAX_ADDRESS_FIELD_BYTES octets.
 */
export function parseAddressList(rawValue: string): readonly AddressItem[] {
  const tokens = tokenize(rawValue.slice(0, MAX_ADDRESS_FIELD_BYTES));
  const items: AddressItem[] = [];
  let inGroup = false;
  let position = 0;
  while (position < tokens.length && items.length < MAX_ADDRESSES) {
    const end = endOfItem(tokens, position);
    const stop = tokens[end]?.text;
    const piece = tokens.slice(position, end);
    position = end + 1;
    if (stop === ':' && !inGroup) {
      items.push({ kind: 'group-start', name: joinWords(piece.filter((token) => token.kind === 'word')) });
      inGroup = true;
      continue;
    }
    const address = readMailbox(piece);
    if (address !== undefined) items.push(address);
    if (stop === ';' && inGroup) {
      items.push({ kind: 'group-end' });
      inGroup = false;
    }
  }
  if (inGroup) items.push({ kind: 'group-end' });
  return items;
}

/** For people: `Name <local@host>, local@host`; names decoded, NFC, at most `maxChars`. */
export function displayAddresses(items: readonly AddressItem[], maxChars: number): string {
  let text = '';
  for (const item of items) {
    if (item.kind !== 'address') continue;
    const address = decodeEncodedWords(
      item.domain === '' ? item.localPart : `${item.localPart}@${item.domain}`,
    );
    const one = item.name === undefined ? address : `${decodeEncodedWords(item.name)} <${address}>`;
    if (text.length + one.length + 2 > maxChars) break;
    text += text === '' ? one : `, ${one}`;
  }
  return text;
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  // An encoded-word is one word even where it holds specials, which some senders forget to encode.
  const word = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=|[^\s()<>[\]:;@,."]+/giy;
  let apart = false;
  let position = 0;
  while (position < text.length) {
    const char = text[position] ?? '';
    let end = position + 1;
    if (char === ' ' || char === '\t' || char === '\r' || char === '\n') {
      apart = true;
      position = end;
      continue;
    }
    if (char === '"') end = pushQuoted(text, position, apart, tokens);
    else if (char === '(') end = pushComment(text, position, apart, tokens);
    else if (char === '[') end = pushLiteral(text, position, apart, tokens);
    else {
      word.lastIndex = position;
      const found = word.exec(text)?.[0];
      tokens.push({ kind: found === undefined ? 'special' : 'word', text: found ?? char, apart });
      end = position + (found ?? char).length;
    }
    apart = false;
    position = end;
  }
  return tokens;
}

function pushQuoted(text: string, start: number, apart: boolean, tokens: Token[]): number {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  tokens.push({ kind: 'word', text: unquote(text.slice(start + 1, end)), apart });
  return end + 1;
}

function pushComment(text: string, start: number, apart: boolean, tokens: Token[]): number {
  const end = endOfComment(text, start);
  const inner = text.slice(start + 1, text[end - 1] === ')' ? end - 1 : end);
  tokens.push({ kind: 'comment', text: unquote(inner).trim(), apart });
  return end;
}

/** RFC 5322 3.4.1 domain-literal; the brackets are part of the domain. */
function pushLiteral(text: string, start: number, apart: boolean, tokens: Token[]): number {
  const close = /[\]>,]/g;
  close.lastIndex = start;
  const found = close.exec(text);
  const end = found === null ? text.length : found.index + (found[0] === ']' ? 1 : 0);
  tokens.push({ kind: 'word', text: text.slice(start, end).replace(/\s+/g, ''), apart });
  return end;
}

function unquote(text: string): string {
  return text.replace(/\r?\n/g, '').replace(/\\([\s\S])/g, '$1');
}

/** The index of the `,` `;` or `:` that ends the item at `start`, or the number of tokens. */
function endOfItem(tokens: readonly Token[], start: number): number {
  let inAngle = false;
  let inRoute = false;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.kind !== 'special') continue;
    if (token.text === '<') {
      inAngle = true;
      inRoute = tokens[index + 1]?.text === '@';
    } else if (token.text === '>') inAngle = false;
    else if (token.text === ':' && inRoute) inRoute = false;
    else if (token.text === ';' || (token.text === ',' && !inRoute)) return index;
    else if (token.text === ':' && !inAngle) return index;
  }
  return tokens.length;
}

function readMailbox(piece: readonly Token[]): MailAddress | undefined {
  const open = piece.findIndex((token) => token.kind === 'special' && token.text === '<');
  const comment = piece.findLast((token) => token.kind === 'comment')?.text;
  const words = piece.filter((token) => token.kind !== 'comment');
  if (words.length === 0) return undefined;
  if (open < 0) return addressOf(words, nonEmpty(comment), undefined);
  const before = piece.slice(0, open).filter((token) => token.kind !== 'comment');
  const name = nonEmpty(joinWords(before)) ?? nonEmpty(comment);
  const close = piece.findIndex(
    (token, index) => index > open && token.kind === 'special' && token.text === '>',
  );
  const inside = piece.slice(open + 1, close < 0 ? piece.length : close);
  return readAngle(
    inside.filter((token) => token.kind !== 'comment'),
    name,
  );
}

function readAngle(inside: readonly Token[], name: string | undefined): MailAddress | undefined {
  if (inside.length === 0 && name === undefined) return undefined;
  const colon =
    inside[0]?.text === '@'
      ? inside.findIndex((token) => token.kind === 'special' && token.text === ':')
      : -1;
  const route = colon < 0 ? undefined : tight(inside.slice(0, colon));
  return addressOf(inside.slice(colon + 1), name, route);
}

function addressOf(
  tokens: readonly Token[],
  name: string | undefined,
  route: string | undefined,
): MailAddress {
  const at = tokens.findLastIndex((token) => token.kind === 'special' && token.text === '@');
  if (at < 0) return { kind: 'address', name, route, localPart: joinWords(tokens), domain: '' };
  const local = tokens.slice(0, at);
  return { kind: 'address', name, route, localPart: tight(local), domain: tight(tokens.slice(at + 1)) };
}

function joinWords(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) text += token.apart && text !== '' ? ` ${token.text}` : token.text;
  return text;
}

function tight(tokens: readonly Token[]): string {
  return tokens.length === 1 ? (tokens[0]?.text ?? '') : tokens.map((token) => token.text).join('');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
