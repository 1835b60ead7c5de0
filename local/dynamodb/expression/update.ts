/**
 * Applying an update expression to an item. Every value is computed from the item as it
 * was before the update; then SET, REMOVE, ADD and DELETE change a copy.
 */
import { type DynamoError, validation } from '../errors.ts';
import { addNumbers, negateNumber } from '../number.ts';
import { type AttributeValue, type Item, setElements, setMember, typeOf } from '../values.ts';
import type { SetValue, Update } from './ast.ts';
import type { Bindings } from './bindings.ts';
import { type ResolvedPath, stepInto, valueAt } from './document.ts';

/** Refuses placeholders of a type that ADD or DELETE never accept. */
export function checkUpdate(update: Update, bindings: Bindings): void {
  for (const { value } of update.add) {
    checkActionType('ADD', bindings.value(value), ['N', 'SS', 'NS', 'BS']);
  }
  for (const { value } of update.delete) {
    checkActionType('DELETE', bindings.value(value), ['SS', 'NS', 'BS']);
  }
  for (const { value } of update.set) checkOperands(value, bindings);
}

/** Changes `item` (the caller's own copy) by the update. */
export function applyUpdate(update: Update, item: Item, bindings: Bindings): void {
  const sets = update.set.map(({ path, value }) => ({
    path: bindings.path(path),
    value: compute(value, item, bindings),
  }));
  const adds = update.add.map(({ path, value }) => {
    const resolved = bindings.path(path);
    return { path: resolved, value: sum(valueAt(item, resolved), bindings.value(value)) };
  });
  const deletes = update.delete.map(({ path, value }) => {
    const resolved = bindings.path(path);
    return { path: resolved, value: difference(valueAt(item, resolved), bindings.value(value)) };
  });
  // Elements set beyond the end of a list are appended in the order of their indexes.
  for (const { path, value } of [...sets, ...adds].toSorted(byIndex)) put(item, path, value);
  for (const { path, value } of deletes) {
    if (value !== undefined) put(item, path, value);
    else remove(item, path);
  }
  // From the back, so that an index still names the element it named before.
  const removes = update.remove.map((path) => ({ path: bindings.path(path) }));
  for (const { path } of removes.toSorted(byIndex).reverse()) remove(item, path);
}

function byIndex(a: { path: ResolvedPath }, b: { path: ResolvedPath }): number {
  const left = a.path.at(-1);
  const right = b.path.at(-1);
  return typeof left === 'number' && typeof right === 'number' ? left - right : 0;
}

function compute(value: SetValue, item: Item, bindings: Bindings): AttributeValue {
  switch (value.kind) {
    case 'value':
      return structuredClone(bindings.value(value.name));
    case 'path':
      return structuredClone(existing(valueAt(item, bindings.path(value.path))));
    case 'ifNotExists': {
      const found = valueAt(item, bindings.path(value.path));
      return found === undefined ? compute(value.fallback, item, bindings) : structuredClone(found);
    }
    case 'listAppend': {
      const left = compute(value.left, item, bindings);
      const right = compute(value.right, item, bindings);
      if (!('L' in left && 'L' in right)) throw wrongType();
      return { L: [...left.L, ...right.L] };
    }
    case 'plus':
    case 'minus': {
      const left = compute(value.left, item, bindings);
      const right = compute(value.right, item, bindings);
      if (!('N' in left && 'N' in right)) throw wrongType();
      return { N: addNumbers(left.N, value.kind === 'plus' ? right.N : negateNumber(right.N)) };
    }
    case 'size':
      throw new Error('size in an update expression');
  }
}

function existing(value: AttributeValue | undefined): AttributeValue {
  if (value === undefined) {
    throw validation('The provided expression refers to an attribute that does not exist in the item');
  }
  return value;
}

function sum(old: AttributeValue | undefined, added: AttributeValue): AttributeValue {
  if (old === undefined) return structuredClone(added);
  if ('N' in old && 'N' in added) return { N: addNumbers(old.N, added.N) };
  const elements = new Set([...sameSet(old, added), ...(setElements(added) ?? [])]);
  return makeSet(old, [...elements]);
}

/** Undefined when nothing remains: an empty set is not stored. */
function difference(old: AttributeValue | undefined, removed: AttributeValue): AttributeValue | undefined {
  if (old === undefined) return undefined;
  const gone = new Set(setElements(removed));
  const left = sameSet(old, removed).filter((element) => !gone.has(element));
  return left.length === 0 ? undefined : makeSet(old, left);
}

function sameSet(old: AttributeValue, other: AttributeValue): string[] {
  const elements = setElements(old);
  if (elements === undefined || typeOf(old) !== typeOf(other)) throw wrongType();
  return elements;
}

function makeSet(like: AttributeValue, elements: string[]): AttributeValue {
  if ('SS' in like) return { SS: elements };
  return 'NS' in like ? { NS: elements } : { BS: elements };
}

function put(item: Item, path: ResolvedPath, value: AttributeValue): void {
  const { parent, last } = parentOf(item, path);
  if (typeof last === 'string') {
    if (!('M' in parent)) throw invalidPath();
    setMember(parent.M, last, value);
  } else {
    if (!('L' in parent)) throw invalidPath();
    parent.L[Math.min(last, parent.L.length)] = value;
  }
}

function remove(item: Item, path: ResolvedPath): void {
  const { parent, last } = parentOf(item, path);
  if (typeof last === 'string') {
    if (!('M' in parent)) throw invalidPath();
    delete parent.M[last];
  } else {
    if (!('L' in parent)) throw invalidPath();
    parent.L.splice(last, 1);
  }
}

function parentOf(item: Item, path: ResolvedPath): { parent: AttributeValue; last: string | number } {
  let parent: AttributeValue = { M: item };
  for (const step of path.slice(0, -1)) {
    const inner = stepInto(parent, step);
    if (inner === undefined) throw invalidPath();
    parent = inner;
  }
  return { parent, last: path.at(-1) ?? '' };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
  M: 'MAP',
  L: 'LIST',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
};

function checkActionType(operator: string, value: AttributeValue, allowed: readonly string[]): void {
  const type = typeOf(value);
  if (allowed.includes(type)) return;
  throw validation(
    `Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ${operator}, operand type: ${TYPE_NAMES[type] ?? type}, typeSet: ALLOWED_FOR_${operator}_OPERAND`,
  );
}

/** `+`, `-` and list_append refuse literals of the wrong type before they look at the item. */
function checkOperands(value: SetValue, bindings: Bindings): void {
  if (value.kind === 'ifNotExists') checkOperands(value.fallback, bindings);
  if (value.kind !== 'plus' && value.kind !== 'minus' && value.kind !== 'listAppend') return;
  const wanted = value.kind === 'listAppend' ? 'L' : 'N';
  const operator = { plus: '+', minus: '-', listAppend: 'list_append' }[value.kind];
  for (const operand of [value.left, value.right]) {
    checkOperands(operand, bindings);
    if (operand.kind !== 'value') continue;
    const type = typeOf(bindings.value(operand.name));
    if (type !== wanted) {
      throw validation(
        `Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
      );
    }
  }
}

function invalidPath(): DynamoError {
  return validation('The document path provided in the update expression is invalid for update');
}

function wrongType(): DynamoError {
  return validation('An operand in the update expression has an incorrect data type');
}
