/**
 * A search key compiled for one mailbox: true, false, or unknown until more of the message is
 * loaded. RFC 3501 6.4.4. Pure.
 */
import { resolveSequenceSet, type SequenceSet, setHas } from '../../../mail/uid-set.ts';
import type { SearchKey } from '../search-key.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { envelopeDate, envelopeField, isInEnvelope } from './envelope.ts';
import type { SearchedMessage } from './message.ts';
import { sentDay } from './sent-day.ts';

export type Matcher = (message: SearchedMessage) => boolean | undefined;

const DAY_MS = 86_400_000;

/** `nowMs` is what OLDER and YOUNGER count from. */
export function compile(key: SearchKey, mailbox: SelectedMailbox, nowMs: number): Matcher {
  switch (key.key) {
    case 'all':
      return () => true;
    case 'and':
      return all(key.keys.map((one) => compile(one, mailbox, nowMs)));
    case 'or':
      return or(compile(key.left, mailbox, nowMs), compile(key.right, mailbox, nowMs));
    case 'not':
      return negate(compile(key.of, mailbox, nowMs));
    case 'header':
      return headerMatcher(key.field, key.text);
    case 'body':
      return ({ text }) => text?.includes(key.text);
    case 'text':
      return or(anywhereInHeader(key.text), ({ text }) => text?.includes(key.text));
    case 'sentbefore':
      return sent((day) => day < key.day);
    case 'senton':
      return sent((day) => day === key.day);
    case 'sentsince':
      return sent((day) => day >= key.day);
    default:
      return columnMatcher(key, mailbox, nowMs);
  }
}

type ColumnKey = Exclude<
  SearchKey,
  { key: 'all' | 'and' | 'or' | 'not' | 'header' | 'body' | 'text' | 'sentbefore' | 'senton' | 'sentsince' }
>;

/** Keys that the columns answer. */
function columnMatcher(key: ColumnKey, mailbox: SelectedMailbox, nowMs: number): Matcher {
  const { columns } = mailbox;
  const dateOf = (row: number) => columns.internalDateMs[row] ?? 0;
  const dayOf = (row: number) => Math.floor(dateOf(row) / DAY_MS);
  switch (key.key) {
    case 'sequence':
      return inSet(key.set, mailbox.count, (row) => row + 1);
    case 'uid':
      return inSet(
        key.set,
        mailbox.count === 0 ? 0 : (columns.uid[mailbox.count - 1] ?? 0),
        (row) => columns.uid[row] ?? 0,
      );
    case 'flag':
      return flagMatcher(key.flag, mailbox);
    case 'before':
      return ({ row }) => dayOf(row) < key.day;
    case 'on':
      return ({ row }) => dayOf(row) === key.day;
    case 'since':
      return ({ row }) => dayOf(row) >= key.day;
    case 'older':
      return ({ row }) => dateOf(row) <= nowMs - key.seconds * 1000;
    case 'younger':
      return ({ row }) => dateOf(row) >= nowMs - key.seconds * 1000;
    case 'larger':
      return ({ row }) => (columns.sizeBytes[row] ?? 0) > key.octets;
    case 'smaller':
      return ({ row }) => (columns.sizeBytes[row] ?? 0) < key.octets;
    case 'modseq':
      return ({ row }) => columns.modSeq(row) >= key.atLeast;
  }
}

function inSet(set: SequenceSet, largest: number, numberOf: (row: number) => number): Matcher {
  const resolved = resolveSequenceSet(set, largest);
  return ({ row }) => setHas(resolved, numberOf(row));
}

function flagMatcher(flag: string, mailbox: SelectedMailbox): Matcher {
  const { columns } = mailbox;
  if (flag === '\\Recent') return ({ row }) => mailbox.isRecent(columns.uid[row] ?? 0);
  const wanted = flag.toLowerCase();
  const bySet = new Map<number, boolean>();
  return ({ row }) => {
    const set = columns.flagSet(row);
    let has = bySet.get(set);
    if (has === undefined) {
      has = columns.flagSets.flags(set).some((one) => one.toLowerCase() === wanted);
      bySet.set(set, has);
    }
    return has;
  };
}

/** A substring of the field; an empty one asks whether the field is there (RFC 3501 6.4.4, HEADER). */
function headerMatcher(field: string, text: string): Matcher {
  if (isInEnvelope(field)) {
    return ({ record }) => record && (envelopeField(record.envelope, field)?.includes(text) ?? false);
  }
  return ({ header }) => header?.some((line) => line.name === field && line.text.includes(text));
}

function anywhereInHeader(text: string): Matcher {
  return ({ header }) => header?.some((line) => `${line.name}: ${line.text}`.includes(text));
}

function sent(test: (day: number) => boolean): Matcher {
  return ({ record }) => {
    if (!record) return undefined;
    const day = sentDay(envelopeDate(record.envelope));
    return day !== undefined && test(day);
  };
}

function all(matchers: readonly Matcher[]): Matcher {
  return (message) => {
    let result: boolean | undefined = true;
    for (const matches of matchers) {
      const one = matches(message);
      if (one === false) return false;
      if (one === undefined) result = undefined;
    }
    return result;
  };
}

function or(left: Matcher, right: Matcher): Matcher {
  return (message) => {
    const first = left(message);
    if (first === true) return true;
    const second = right(message);
    return second === true ? true : first === undefined ? undefined : second;
  };
}

function negate(matches: Matcher): Matcher {
  return (message) => {
    const result = matches(message);
    return result === undefined ? undefined : !result;
  };
}
