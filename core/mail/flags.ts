/**
 * Flags and keywords: what is valid, how it is spelled, and sets of them in canonical form
 * (sorted by code unit, no duplicates, no \Recent). RFC 9051 2.3.2.
 */

const systemFlags = ['\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen'] as const;

/** Octets of one keyword. */
export const maxKeywordLength = 64;
/** Flags on one message, system flags included. */
export const maxFlagsPerMessage = 64;

/** Keywords with a registered or customary spelling; names are case-insensitive (RFC 9051 9). */
const known = new Map(
  [
    ...systemFlags,
    '$Forwarded',
    '$MDNSent',
    '$Junk',
    '$NotJunk',
    '$Phishing',
    '$Important',
    '$SubmitPending',
    '$Submitted',
    'Junk',
    'NonJunk',
  ].map((flag) => [flag.toLowerCase(), flag]),
);

/** Checks one flag as a client wrote it; undefined for bad syntax, \Recent, an unknown \flag or one too long. */
export function parseFlag(text: string): string | undefined {
  const spelled = known.get(text.toLowerCase());
  if (spelled !== undefined) return spelled;
  if (text.length > maxKeywordLength) return undefined;
  // RFC 9051 9: flag-keyword = atom; atom-specials are ( ) { SP CTL % * " \ ]
  return /^[!#$&'+-[^-z|}~]+$/.test(text) ? text : undefined;
}

/** A set of valid flags in canonical form. */
export function canonicalFlags(flags: Iterable<string>): readonly string[] {
  const bySpelling = new Map<string, string>();
  for (const flag of flags) {
    const key = flag.toLowerCase();
    if (key !== '\\recent' && !bySpelling.has(key)) bySpelling.set(key, known.get(key) ?? flag);
  }
  return [...bySpelling.values()].sort(byCodeUnit);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `flags` with `add` in and `remove` out; all canonical, so is the result. */
export function changeFlags(
  flags: readonly string[],
  add: readonly string[],
  remove: readonly string[],
): readonly string[] {
  return canonicalFlags([...flags.filter((flag) => !remove.includes(flag)), ...add]);
}
