/**
 * Whether a mailbox can take further flags. Every client is told all keywords of its mailbox, and every row names
 * its set of flags by a number: both have a limit. What no row has any more does not count.
 */
import { type Decision, refuse } from './decision.ts';
import { maxFlagSets, maxKeywords } from './limits.ts';
import type { Columns } from './state.ts';

/** The refusal, or undefined where there is room for `flags` (canonical, of one set or of several). */
export function checkFlagRoom(columns: Columns, flags: readonly string[]): Decision | undefined {
  const { flagSets } = columns;
  if (flagSets.size > maxFlagSets && setsInUse(columns).size > maxFlagSets)
    return refuse('LIMIT', 'The mailbox has too many different sets of flags');
  if (!flags.some(isKeyword) || countKeywords(flagSets.all(), flags) <= maxKeywords) return undefined;
  const inUse = [...setsInUse(columns)].flatMap((set) => flagSets.flags(set));
  if (countKeywords(inUse, flags) <= maxKeywords) return undefined;
  return refuse('LIMIT', `More than ${maxKeywords} different keywords in a mailbox`);
}

function isKeyword(flag: string): boolean {
  return !flag.startsWith('\\');
}

function countKeywords(...lists: readonly Iterable<string>[]): number {
  const keywords = new Set<string>();
  for (const list of lists) for (const flag of list) if (isKeyword(flag)) keywords.add(flag.toLowerCase());
  return keywords.size;
}

function setsInUse(columns: Columns): ReadonlySet<number> {
  const sets = new Set<number>();
  for (let row = 0; row < columns.count; row++) sets.add(columns.flagSet(row));
  return sets;
}
