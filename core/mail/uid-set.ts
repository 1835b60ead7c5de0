/**
 * Sets of numbers as IMAP writes them ('1:5,9,12:*'), kept as ranges and never expanded.
 * Serves UIDs and sequence numbers alike; does not know which rows exist.
 * RFC 9051 9 (sequence-set), RFC 9051 6.4.9 (the order of '*' does not matter).
 */

/** Ascending, disjoint, not adjacent; both ends belong to the range. */
export type UidSet = readonly (readonly [number, number])[];

/** Numbers of a command's text; more ranges than this are refused. */
export const maxRangesInSet = 10_000;
export const maxSetNumber = 4_294_967_295;

/** A parsed sequence-set; `*` is 'max' until a mailbox resolves it. */
export interface SequenceSet {
  readonly items: readonly (readonly [number | 'max', number | 'max'])[];
}

/**
 * Parses a sequence-set (without '$'). Undefined for bad syntax, a zero, a number beyond 2^32-1
 * or more than `maxRangesInSet` ranges.
 *
 *     sequence-set = (seq-number / seq-range) *("," (seq-number / seq-range))
 *     seq-range    = seq-number ":" seq-number
 *     seq-number   = nz-number / "*"
 */
export function parseSequenceSet(text: string): SequenceSet | undefined {
  const items: (readonly [number | 'max', number | 'max'])[] = [];
  for (let at = 0; at <= text.length; ) {
    const comma = text.indexOf(',', at);
    const end = comma === -1 ? text.length : comma;
    const item = parseItem(text.slice(at, end));
    if (item === undefined || items.length === maxRangesInSet) return undefined;
    items.push(item);
    at = end + 1;
  }
  return { items };
}

function parseItem(text: string): readonly [number | 'max', number | 'max'] | undefined {
  const colon = text.indexOf(':');
  const first = parseNumber(colon === -1 ? text : text.slice(0, colon));
  if (first === undefined) return undefined;
  if (colon === -1) return [first, first];
  const second = parseNumber(text.slice(colon + 1));
  return second === undefined ? undefined : [first, second];
}

function parseNumber(text: string): number | 'max' | undefined {
  if (text === '*') return 'max';
  if (!/^[1-9][0-9]{0,9}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= maxSetNumber ? value : undefined;
}

/**
 * Puts the highest existing number in place of '*' and normalises. With `max` 0 (nothing
 * exists) items with '*' stand for nothing. `4294967295:*` becomes `max:4294967295`.
 */
export function resolveSequenceSet(set: SequenceSet, max: number): UidSet {
  const ranges: [number, number][] = [];
  for (const [a, b] of set.items) {
    if (max === 0 && (a === 'max' || b === 'max')) continue;
    const first = a === 'max' ? max : a;
    const second = b === 'max' ? max : b;
    ranges.push(first <= second ? [first, second] : [second, first]);
  }
  return normalizeRanges(ranges);
}

/** Sorts and joins ranges that overlap or touch. */
export function normalizeRanges(ranges: readonly (readonly [number, number])[]): UidSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && start <= last[1] + 1) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

/** From numbers in ascending order without duplicates. */
export function uidSetOf(ascending: Iterable<number>): UidSet {
  const ranges: [number, number][] = [];
  for (const value of ascending) {
    const last = ranges.at(-1);
    if (last !== undefined && value === last[1] + 1) last[1] = value;
    else ranges.push([value, value]);
  }
  return ranges;
}

/** '1:5,9'; '' for the empty set, which has no form in IMAP. */
export function formatUidSet(set: UidSet): string {
  return set.map(([start, end]) => (start === end ? `${start}` : `${start}:${end}`)).join(',');
}

/** Reads what `formatUidSet` wrote: trusted text of our own, any number of ranges. */
export function readUidSet(text: string): UidSet {
  if (text === '') return [];
  return text.split(',').map((item) => {
    const colon = item.indexOf(':');
    const start = Number(colon === -1 ? item : item.slice(0, colon));
    return [start, colon === -1 ? start : Number(item.slice(colon + 1))] as const;
  });
}

export function setHas(set: UidSet, value: number): boolean {
  let low = 0;
  let high = set.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const [start, end] = set[middle] ?? [0, 0];
    if (value < start) high = middle - 1;
    else if (value > end) low = middle + 1;
    else return true;
  }
  return false;
}
