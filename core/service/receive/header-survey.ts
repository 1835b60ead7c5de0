/**
 * One look over a received header: what must be cut out of it, what must be refused, who its
 * authors are. Pure. RFC 5321 4.4 and 6.3, RFC 8601 5, RFC 5322 3.6.
 */
import { parseAddressList } from '../../mail/message/address-list.ts';
import { parseHeaderFields, unfold } from '../../mail/message/header-fields.ts';
import { MAX_HEADER_FIELDS } from '../../mail/message/limits.ts';
import { endOfComment } from '../../mail/message/parameters.ts';
import type { HeaderField } from '../../mail/message/types.ts';

export interface HeaderSurvey {
  /** Ranges to leave out, ascending: what only we may say, and Bcc of a submission. */
  readonly cuts: readonly (readonly [number, number])[];
  readonly receivedFields: number;
  readonly signatures: number;
  /** More than are looked at: what stands behind them is not known. */
  readonly tooManyFields: boolean;
  readonly fromFields: number;
  /** Addresses of all From fields as `local@domain` texts; an unreadable one has no '@'. */
  readonly authors: readonly string[];
  readonly hasDate: boolean;
  readonly hasMessageId: boolean;
}

/** `ours` is our authserv-id; `submitted` tells our users' messages from the world's. */
export function surveyHeader(header: Uint8Array, ours: string, submitted: boolean): HeaderSurvey {
  const fields = parseHeaderFields(header).map((field) => ({ ...field, key: field.name.toLowerCase() }));
  const count = (...keys: string[]) => fields.filter(({ key }) => keys.includes(key)).length;
  return {
    cuts: fields
      .filter((field) => isCut(field, ours, submitted))
      .map(({ start, end }) => [start, end] as const),
    receivedFields: count('received'),
    signatures: count('dkim-signature', 'arc-message-signature', 'arc-seal'),
    tooManyFields: fields.length >= MAX_HEADER_FIELDS,
    fromFields: count('from'),
    authors: fields.filter(({ key }) => key === 'from').flatMap(authors),
    hasDate: count('date') > 0,
    hasMessageId: count('message-id') > 0,
  };
}

function isCut(field: HeaderField & { readonly key: string }, ours: string, submitted: boolean): boolean {
  if (field.key === 'return-path') return true; // RFC 5321 4.4: whoever delivers writes it
  if (field.key === 'bcc' || field.key === 'resent-bcc') return submitted; // RFC 5322 3.6.3, first way
  return field.key === 'authentication-results' && claimsToBe(field.rawValue, ours);
}

/** Whether the field's authserv-id is ours (RFC 8601 5), comments, quotes and a version skipped; true for what is unreadable. */
function claimsToBe(rawValue: string, ours: string): boolean {
  const value = unfold(rawValue);
  const id = authservId.exec(value.slice(endOfComments(value)));
  if (!id) return true; // nobody can tell that it is not meant for us
  const name = id[1] === undefined ? id[0] : id[1].replace(/\\(.)/g, '$1');
  return name === '' || name.toLowerCase() === ours.toLowerCase();
}

// value = token / quoted-string (RFC 8601 2.2, RFC 2045 5.1), and what may come behind it
const authservId = /^(?:"((?:[^"\\]|\\.)*)"|[^\s;"()\\]*)(?=[\s;(]|$)/;

function endOfComments(value: string): number {
  let at = 0;
  while (value[at] === '(' || value[at] === ' ' || value[at] === '\t')
    at = value[at] === '(' ? endOfComment(value, at) : at + 1;
  return at;
}

function authors({ rawValue }: HeaderField): string[] {
  const text = Buffer.from(rawValue, 'latin1').toString('utf8');
  return parseAddressList(text).flatMap((item) =>
    item.kind === 'address'
      ? [item.domain === '' ? item.localPart : `${quoted(item.localPart)}@${item.domain}`]
      : [],
  );
}

function quoted(localPart: string): string {
  return /[\s"(),:;<>@[\\\]]/.test(localPart) ? `"${localPart.replace(/["\\]/g, '\\$&')}"` : localPart;
}
