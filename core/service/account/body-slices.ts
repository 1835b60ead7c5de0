/**
 * Where the octets of a message lie: maps a range of the whole message (prefix, then the
 * object without its cuts) to pieces of the prefix and ranges of the object. Pure.
 */
import type { BodyRef } from '../../mail/message-record.ts';

export type BodySlice =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  /** Octets [start, end) of the object. */
  | { readonly kind: 'object'; readonly start: number; readonly end: number };

/** The pieces that make up octets [start, end) of the message, in order; none is empty. */
export function bodySlices(
  { prefix = '', cuts = [], sizeBytes }: BodyRef,
  start: number,
  end: number,
): readonly BodySlice[] {
  const from = Math.max(0, start);
  const to = Math.min(end, sizeBytes);
  const slices: BodySlice[] = [];
  if (from < Math.min(to, prefix.length))
    slices.push({ kind: 'octets', octets: Buffer.from(prefix.slice(from, to), 'latin1') });
  // `at` is the place in the object, `shift` what lies between it and the place in the message.
  let at = 0;
  let shift = prefix.length;
  for (const [cutStart, cutEnd] of [...cuts, [Number.POSITIVE_INFINITY, 0] as const]) {
    const first = Math.max(at, from - shift);
    const last = Math.min(cutStart, to - shift);
    if (first < last) slices.push({ kind: 'object', start: first, end: last });
    at = cutEnd;
    shift -= cutEnd - cutStart;
  }
  return slices;
}
