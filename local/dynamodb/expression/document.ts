/**
 * Walking document paths (`a.b[0]`) through an item. Paths here are resolved: attribute
 * names and list indexes, no placeholders.
 */
import { type AttributeValue, type Item, member } from '../values.ts';

export type ResolvedPath = readonly (string | number)[];

/** The value at a path; undefined when any step is missing or of another type. */
export function valueAt(item: Item, path: ResolvedPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) {
    value = stepInto(value, step);
    if (value === undefined) return undefined;
  }
  return value;
}

export function stepInto(value: AttributeValue, step: string | number): AttributeValue | undefined {
  if (typeof step === 'string') return 'M' in value ? member(value.M, step) : undefined;
  return 'L' in value ? value.L[step] : undefined;
}

/** As AWS shows a path in a message: `[a, b, [0]]`. */
export function showPath(path: ResolvedPath): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${String(step)}]` : step)).join(', ')}]`;
}

export interface Clash {
  readonly kind: 'overlap' | 'conflict';
  readonly one: ResolvedPath;
  readonly two: ResolvedPath;
}

/**
 * The first two paths of a list of which one lies within the other (`overlap`); failing
 * that, the first two that need one place to be both map and list (`conflict`).
 */
export function findClash(paths: readonly ResolvedPath[]): Clash | undefined {
  return findFirst(paths, 'overlap') ?? findFirst(paths, 'conflict');
}

function findFirst(paths: readonly ResolvedPath[], kind: Clash['kind']): Clash | undefined {
  for (const [at, two] of paths.entries()) {
    const one = paths.slice(0, at).find((earlier) => clash(earlier, two) === kind);
    if (one !== undefined) return { kind, one, two };
  }
  return undefined;
}

function clash(one: ResolvedPath, two: ResolvedPath): 'overlap' | 'conflict' | undefined {
  const shared = Math.min(one.length, two.length);
  for (let at = 0; at < shared; at += 1) {
    if (one[at] === two[at]) continue;
    return typeof one[at] === typeof two[at] ? undefined : 'conflict';
  }
  return 'overlap';
}
