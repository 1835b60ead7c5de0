/**
 * Fields for SEARCH out of the stored ENVELOPE wire text, without touching the message. The
 * text is our own indexer's: quoted strings only, pure ASCII (RFC 3501 7.4.2).
 */
import { foldText } from '../../../mail/fold-text.ts';
import { decodeEncodedWords } from '../../../mail/message/encoded-words.ts';

/** Header fields that the envelope answers, by their place in it. */
const places: Readonly<Record<string, number>> = {
  subject: 1,
  from: 2,
  to: 5,
  cc: 6,
  bcc: 7,
  'in-reply-to': 8,
  'message-id': 9,
};

/** Whether the envelope has this field as the header has it (sender and reply-to may be From's). */
export function isInEnvelope(field: string): boolean {
  return Object.hasOwn(places, field);
}

/** The field's text, decoded and case-folded; undefined where the message has none. */
export function envelopeField(envelope: string, field: string): string | undefined {
  const raw = fieldAt(envelope, places[field] ?? 0);
  if (raw === 'NIL') return undefined;
  if (raw.startsWith('(')) return foldText(addresses(raw));
  const text = unquoted(raw);
  // What needs no decoding is ASCII: there is nothing to normalize.
  return text.includes('=?') ? foldText(decodeEncodedWords(text)) : text.toLowerCase();
}

/** The Date field as it is written. */
export function envelopeDate(envelope: string): string {
  const raw = fieldAt(envelope, 0);
  return raw === 'NIL' ? '' : unquoted(raw);
}

/** One of the ten top fields: a string with its quotes, a list with its parentheses, or NIL. */
function fieldAt(envelope: string, place: number): string {
  let start = 1;
  for (let before = 0; before < place; before++) start = endOfField(envelope, start) + 1;
  return envelope.slice(start, endOfField(envelope, start));
}

/** The place after it. */
function endOfField(envelope: string, start: number): number {
  let depth = 0;
  for (let at = start; at < envelope.length; at++) {
    const char = envelope.charCodeAt(at);
    if (char === 0x22) {
      at = endOfQuoted(envelope, at);
      if (depth === 0) return at + 1;
    } else if (char === 0x28) depth++;
    else if (char === 0x29) {
      depth--;
      if (depth <= 0) return depth < 0 ? at : at + 1;
    } else if (char === 0x20 && depth === 0) return at;
  }
  return envelope.length;
}

function endOfQuoted(text: string, open: number): number {
  const close = text.indexOf('"', open + 1);
  if (close < 0 || text.charCodeAt(close - 1) !== 0x5c) return close < 0 ? text.length : close;
  let at = open + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

function unquoted(raw: string): string {
  const text = raw.slice(1, -1);
  return text.includes('\\') ? text.replace(/\\(.)/g, '$1') : text;
}

const addressPattern =
  /\(("(?:[^"\\]|\\.)*"|NIL) ("(?:[^"\\]|\\.)*"|NIL) ("(?:[^"\\]|\\.)*"|NIL) ("(?:[^"\\]|\\.)*"|NIL)\)/g;

/** `Name <local@host>` of each, as a header would have it. */
function addresses(list: string): string {
  const texts: string[] = [];
  for (const [, name = 'NIL', , local = 'NIL', host = 'NIL'] of list.matchAll(addressPattern)) {
    const address = local === 'NIL' ? '' : `${unquoted(local)}${host === 'NIL' ? '' : `@${unquoted(host)}`}`;
    texts.push(name === 'NIL' ? address : `${decodeEncodedWords(unquoted(name))} <${address}>`);
  }
  return texts.join(', ');
}
