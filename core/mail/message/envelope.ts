// ENVELOPE wire text and the header values that threads, lists and search need.
// RFC 9051 7.5.2 (envelope), RFC 5322 3.6.
import { domainToASCII } from 'node:url';
import { displayAddresses, parseAddressList } from './address-list.ts';
import { decodeHeaderOctets, isAscii } from './charset.ts';
import { parseDate } from './date.ts';
import { decodeEncodedWords } from './encoded-words.ts';
import { unfold } from './header-fields.ts';
import {
  MAX_DISPLAY_CHARS,
  MAX_ENVELOPE_CHARS,
  MAX_MESSAGE_ID_CHARS,
  MAX_REFERENCES,
  MAX_REFERENCES_CHARS,
  MAX_VALUE_BYTES,
} from './limits.ts';
import type { AddressItem, MessageIndex } from './types.ts';
import { nstring } from './wire-text.ts';

/** Raw values by lower-case field name, the first of each. */
export type HeaderValues = ReadonlyMap<string, string>;

export type HeaderSummary = Pick<
  MessageIndex,
  'messageId' | 'inReplyTo' | 'references' | 'subject' | 'from' | 'to' | 'cc' | 'dateMs'
>;

/** An envelope with nothing in it. */
export const EMPTY_ENVELOPE = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

const GROUP_END = '(NIL NIL NIL NIL)';

/** Address fields of one header, each parsed once. */
export class AddressFields {
  readonly #values: HeaderValues;
  readonly #parsed = new Map<string, readonly AddressItem[]>();

  constructor(values: HeaderValues) {
    this.#values = values;
  }

  /** Undefined if the header has no such field. */
  get(name: string): readonly AddressItem[] | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const known = this.#parsed.get(name);
    if (known !== undefined) return known;
    const parsed = parseAddressList(value);
    this.#parsed.set(name, parsed);
    return parsed;
  }
}

/**
 * The ENVELOPE of a header, pure ASCII, about `maxChars` at most: addresses that would go
 * past it are left out. Sender and Reply-To default to From.
 */
export function envelopeText(
  values: HeaderValues,
  addresses: AddressFields = new AddressFields(values),
  maxChars: number = MAX_ENVELOPE_CHARS,
): string {
  const budget = { chars: maxChars };
  const unstructured = (name: string) =>
    nstring(unfolded(values, name, Math.min(MAX_VALUE_BYTES, budget.chars)));
  const date = unstructured('date');
  const subject = unstructured('subject');
  const replyTo = unstructured('in-reply-to');
  const messageId = unstructured('message-id');
  budget.chars -= date.length + subject.length + replyTo.length + messageId.length;
  const list = (name: string) => addressListText(addresses.get(name), budget);
  const from = list('from');
  const orFrom = (name: string) => {
    const text = list(name);
    return text === 'NIL' ? from : text;
  };
  const lists = [from, orFrom('sender'), orFrom('reply-to'), list('to'), list('cc'), list('bcc')];
  return `(${date} ${subject} ${lists.join(' ')} ${replyTo} ${messageId})`;
}

/** The decoded header values of the index. */
export function summarizeHeader(
  values: HeaderValues,
  addresses: AddressFields = new AddressFields(values),
): HeaderSummary {
  const subject = unfolded(values, 'subject', MAX_VALUE_BYTES);
  const display = (name: string) => {
    const items = addresses.get(name);
    return items === undefined ? undefined : displayAddresses(items, MAX_DISPLAY_CHARS);
  };
  return {
    messageId: messageIds(values.get('message-id'))[0],
    inReplyTo: messageIds(values.get('in-reply-to'))[0],
    references: messageIds(values.get('references')),
    subject: subject === undefined ? undefined : decodeEncodedWords(subject),
    from: display('from'),
    to: display('to'),
    cc: display('cc'),
    dateMs: parseDate(values.get('date') ?? ''),
  };
}

/** Message ids of a field, in order, blanks inside removed; the last that are within the limits. */
export function messageIds(rawValue: string | undefined): readonly string[] {
  if (rawValue === undefined) return [];
  const ids: string[] = [];
  for (const match of rawValue.matchAll(/<([^<>]+)>/g)) {
    const id = (match[1] ?? '').replace(/[^\x21-\x7e]/g, '');
    if (id !== '' && id.length <= MAX_MESSAGE_ID_CHARS) ids.push(`<${id}>`);
  }
  let kept = ids.length;
  let room = MAX_REFERENCES_CHARS;
  while (kept > 0 && ids.length - kept < MAX_REFERENCES) {
    room -= ids[kept - 1]?.length ?? 0;
    if (room < 0) break;
    kept--;
  }
  return kept === 0 ? ids : ids.slice(kept);
}

function unfolded(values: HeaderValues, name: string, maxBytes: number): string | undefined {
  const value = values.get(name);
  return value === undefined ? undefined : unfold(value.slice(0, maxBytes));
}

function addressListText(items: readonly AddressItem[] | undefined, budget: { chars: number }): string {
  if (items === undefined) return 'NIL';
  let text = '';
  let inGroup = false;
  for (const item of items) {
    const one = addressText(item);
    if (one.length > budget.chars) break;
    budget.chars -= one.length;
    text += one;
    if (item.kind !== 'address') inGroup = item.kind === 'group-start';
  }
  if (inGroup) text += GROUP_END;
  return text === '' ? 'NIL' : `(${text})`;
}

/** RFC 9051 7.5.2: a group is an address without a host that has its name as mailbox. */
function addressText(item: AddressItem): string {
  if (item.kind === 'group-end') return GROUP_END;
  if (item.kind === 'group-start') return `(NIL NIL ${nstring(item.name)} NIL)`;
  const name = nstring(item.name);
  return `(${name} ${nstring(item.route)} ${nstring(item.localPart)} ${nstring(asciiDomain(item.domain))})`;
}

/** RFC 5890: an internationalized domain has an ASCII form, which is better than an encoded-word. */
function asciiDomain(domain: string): string {
  if (isAscii(domain)) return domain;
  return domainToASCII(decodeHeaderOctets(domain)) || domain;
}
