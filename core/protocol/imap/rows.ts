/**
 * From the numbers of a command to rows of the selected mailbox (row = sequence number - 1).
 * RFC 3501 9 (seq-number), RFC 3501 6.4.8 (UIDs that are not there are skipped).
 */
import { resolveSequenceSet, type SequenceSet, type UidSet } from '../../mail/uid-set.ts';

/**
 * Rows of the messages numbered so, ascending, each once. Undefined when a number is larger
 * than `count`: such a command is BAD.
 */
export function rowsOfNumbers(set: SequenceSet, count: number): Uint32Array | undefined {
  if (count === 0) return undefined;
  const ranges = resolveSequenceSet(set, count);
  if ((ranges.at(-1)?.[1] ?? 0) > count) return undefined;
  return fill(ranges.map(([first, last]) => [first - 1, last]));
}

/** Rows of the messages with these UIDs, ascending, each once. */
export function rowsOfUids(set: SequenceSet, uids: Uint32Array, count: number): Uint32Array {
  return rowsOfUidSet(resolveSequenceSet(set, count === 0 ? 0 : (uids[count - 1] ?? 0)), uids, count);
}

export function rowsOfUidSet(set: UidSet, uids: Uint32Array, count: number): Uint32Array {
  return fill(
    set.map(([first, last]) => [lowerBound(uids, count, first), lowerBound(uids, count, last + 1)]),
  );
}

/** First row whose UID is at least `uid`; `count` if there is none. */
export function lowerBound(uids: Uint32Array, count: number, uid: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((uids[middle] ?? 0) < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fill(spans: readonly (readonly [number, number])[]): Uint32Array {
  let total = 0;
  for (const [from, to] of spans) total += Math.max(0, to - from);
  const rows = new Uint32Array(total);
  let at = 0;
  for (const [from, to] of spans) for (let row = from; row < to; row++) rows[at++] = row;
  return rows;
}
