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
export function envelopeField(fields: EnvelopeFields, field: string): string | undefined {
  const raw = fields[places[field] ?? -1];
  if (raw === undefined || raw === 'NIL') return undefined;
  return foldText(raw.startsWith('(') ? addresses(raw) : decodeEncodedWords(unquoted(raw)));
}

/** The Date field as it is written. */
export function envelopeDate(fields: EnvelopeFields): string {
  const [raw] = fields;
  return raw === undefined || raw === 'NIL' ? '' : unquoted(raw);
}

/** The ten top fields: strings with their quotes, lists with their parentheses. */
export type EnvelopeFields = readonly string[];

export function splitEnvelope(envelope: string): EnvelopeFields {
  const fields: string[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 1; at < envelope.length - 1; at++) {
    const char = envelope.charCodeAt(at);
    if (char === 0x22) at = endOfQuoted(envelope, at);
    else if (char === 0x28) depth++;
    else if (char === 0x29) depth--;
    else if (char === 0x20 && depth === 0) {
      fields.push(envelope.slice(start, at));
      start = at + 1;
    }
  }
  fields.push(envelope.slice(start, -1));
  return fields;
}

function endOfQuoted(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

function unquoted(raw: string): string {
  return raw.slice(1, -1).replace(/\\(.)/g, '$1');
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
