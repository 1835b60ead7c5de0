/**
 * From the numbers of a command to rows of the selected mailbox (row = sequence number - 1).
 * RFC 3501 9 (seq-number), RFC 3501 6.4.8 (UIDs that are not there are skipped).
 */
import { type Columns, firstRowFrom } from '../../mail/account/state.ts';
import { resolveSequenceSet, type SequenceSet } from '../../mail/uid-set.ts';

type UidColumn = Pick<Columns, 'uid' | 'count'>;

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
export function rowsOfUids(set: SequenceSet, columns: UidColumn): Uint32Array {
  const { uid, count } = columns;
  const ranges = resolveSequenceSet(set, count === 0 ? 0 : (uid[count - 1] ?? 0));
  return fill(ranges.map(([first, last]) => [firstRowFrom(columns, first), firstRowFrom(columns, last + 1)]));
}

function fill(spans: readonly (readonly [number, number])[]): Uint32Array {
  let total = 0;
  for (const [from, to] of spans) total += Math.max(0, to - from);
  const rows = new Uint32Array(total);
  let at = 0;
  for (const [from, to] of spans) for (let row = from; row < to; row++) rows[at++] = row;
  return rows;
}
