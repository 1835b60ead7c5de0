/**
 * Projections: the part of an item that a list of document paths names. Lists keep the
 * order of their elements and lose the gaps; what is missing is left out.
 */
import { validation } from '../errors.ts';
import { type AttributeValue, type Item, setMember } from '../values.ts';
import { findClash, type ResolvedPath, showPath, stepInto } from './document.ts';
import type { ExpressionKind } from './tokens.ts';

/** Refuses paths that overlap (`a` and `a.b`) or conflict (`a.b` and `a[0]`). */
export function checkPaths(kind: ExpressionKind, paths: readonly ResolvedPath[]): void {
  const found = findClash(paths);
  if (found === undefined) return;
  throw validation(
    `Invalid ${kind}: Two document paths ${found.kind} with each other; must remove or rewrite one of these paths; path one: ${showPath(found.one)}, path two: ${showPath(found.two)}`,
  );
}

export function project(item: Item, paths: readonly ResolvedPath[]): Item {
  const projected = projectValue({ M: item }, paths);
  return projected !== undefined && 'M' in projected ? projected.M : {};
}

function projectValue(value: AttributeValue, paths: readonly ResolvedPath[]): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const parts = [...groupByFirst(paths)].flatMap(([step, rests]) => {
    const inner = stepInto(value, step);
    const part = inner === undefined ? undefined : projectValue(inner, rests);
    return part === undefined ? [] : [{ step, part }];
  });
  if (parts.length === 0) return undefined;
  if ('L' in value) {
    const order = parts.toSorted((a, b) => Number(a.step) - Number(b.step));
    return { L: order.map(({ part }) => part) };
  }
  const map: Item = {};
  for (const { step, part } of parts) setMember(map, String(step), part);
  return { M: map };
}

function groupByFirst(paths: readonly ResolvedPath[]): Map<string | number, ResolvedPath[]> {
  const groups = new Map<string | number, ResolvedPath[]>();
  for (const [first, ...rest] of paths) {
    if (first === undefined) continue;
    const group = groups.get(first);
    if (group === undefined) groups.set(first, [rest]);
    else group.push(rest);
  }
  return groups;
}
