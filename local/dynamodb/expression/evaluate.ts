/**
 * Conditions and filters: is it true of this item? A missing attribute or one of another
 * type makes a comparison false, never an error; only placeholders of a type that can never
 * be right are refused (`checkCondition`).
 */
import { type DynamoError, validation } from '../errors.ts';
import {
  type AttributeValue,
  bytesOf,
  compareValues,
  type Item,
  isAttributeType,
  setElements,
  typeOf,
  valuesEqual,
} from '../values.ts';
import type { Comparator, Condition, Operand, Path } from './ast.ts';
import type { Bindings } from './bindings.ts';
import { showPath, valueAt } from './document.ts';
import type { ExpressionKind } from './tokens.ts';

/** Evaluates a condition on an item; no item at all is `{}`. */
export function evaluate(condition: Condition, item: Item, bindings: Bindings): boolean {
  const value = (operand: Operand) => operandValue(operand, item, bindings);
  switch (condition.kind) {
    case 'and':
      return evaluate(condition.left, item, bindings) && evaluate(condition.right, item, bindings);
    case 'or':
      return evaluate(condition.left, item, bindings) || evaluate(condition.right, item, bindings);
    case 'not':
      return !evaluate(condition.operand, item, bindings);
    case 'compare':
      return compare(condition.operator, value(condition.left), value(condition.right));
    case 'between':
      return (
        compare('>=', value(condition.value), value(condition.low)) &&
        compare('<=', value(condition.value), value(condition.high))
      );
    case 'in': {
      const wanted = value(condition.value);
      return condition.options.some((option) => compare('=', wanted, value(option)));
    }
    case 'exists':
      return valueAt(item, bindings.path(condition.path)) !== undefined;
    case 'notExists':
      return valueAt(item, bindings.path(condition.path)) === undefined;
    case 'type':
      return hasType(value(condition.value), value(condition.type));
    case 'beginsWith':
      return beginsWith(value(condition.value), value(condition.prefix));
    case 'contains':
      return contains(value(condition.container), value(condition.element));
  }
}

/** Refuses placeholders whose type the operator can never accept. */
export function checkCondition(kind: ExpressionKind, condition: Condition, bindings: Bindings): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkCondition(kind, condition.left, bindings);
      checkCondition(kind, condition.right, bindings);
      break;
    case 'not':
      checkCondition(kind, condition.operand, bindings);
      break;
    case 'compare':
      checkDistinct(kind, condition.operator, condition.left, condition.right, bindings);
      if (condition.operator === '=' || condition.operator === '<>') break;
      checkTypes(kind, condition.operator, [condition.left, condition.right], ORDERED, bindings);
      break;
    case 'between':
      checkTypes(kind, 'BETWEEN', [condition.low, condition.high], ORDERED, bindings);
      checkBounds(kind, condition.low, condition.high, bindings);
      break;
    case 'type':
      checkTypeName(kind, condition.type, bindings);
      break;
    case 'beginsWith':
      checkTypes(kind, 'begins_with', [condition.value, condition.prefix], ['S', 'B'], bindings);
      break;
    default:
  }
}

const ORDERED = ['S', 'N', 'B'];

function operandValue(operand: Operand, item: Item, bindings: Bindings): AttributeValue | undefined {
  if (operand.kind === 'value') return bindings.value(operand.name);
  const value = valueAt(item, bindings.path(operand.path));
  if (operand.kind === 'path' || value === undefined) return value;
  const size = sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

/** The `size` function; undefined for numbers, booleans and nulls. */
function sizeOf(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return bytesOf(value.B).length;
  if ('M' in value) return Object.keys(value.M).length;
  if ('L' in value) return value.L.length;
  return setElements(value)?.length;
}

function compare(
  operator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (left === undefined || right === undefined) return operator === '<>' && left !== right;
  if (operator === '=') return valuesEqual(left, right);
  if (operator === '<>') return !valuesEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function hasType(value: AttributeValue | undefined, type: AttributeValue | undefined): boolean {
  return value !== undefined && type !== undefined && 'S' in type && typeOf(value) === type.S;
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value === undefined || prefix === undefined) return false;
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const start = bytesOf(prefix.B);
  return bytesOf(value.B).subarray(0, start.length).equals(start);
}

function contains(container: AttributeValue | undefined, element: AttributeValue | undefined): boolean {
  if (container === undefined || element === undefined) return false;
  if ('S' in container) return 'S' in element && container.S.includes(element.S);
  if ('B' in container) return 'B' in element && bytesOf(container.B).includes(bytesOf(element.B));
  if ('L' in container) return container.L.some((member) => valuesEqual(member, element));
  if ('SS' in container) return 'S' in element && container.SS.includes(element.S);
  if ('NS' in container) return 'N' in element && container.NS.includes(element.N);
  return 'BS' in container && 'B' in element && container.BS.includes(element.B);
}

function checkTypes(
  kind: ExpressionKind,
  operator: string,
  operands: readonly Operand[],
  allowed: readonly string[],
  bindings: Bindings,
): void {
  for (const operand of operands) {
    const type = literalType(operand, bindings);
    if (type !== undefined && !allowed.includes(type)) {
      throw invalid(
        kind,
        `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
      );
    }
  }
}

function literalType(operand: Operand, bindings: Bindings): string | undefined {
  if (operand.kind === 'size') return 'N';
  return operand.kind === 'value' ? typeOf(bindings.value(operand.name)) : undefined;
}

function checkBounds(kind: ExpressionKind, low: Operand, high: Operand, bindings: Bindings): void {
  if (low.kind !== 'value' || high.kind !== 'value') return;
  const lower = bindings.value(low.name);
  const upper = bindings.value(high.name);
  const order = compareValues(lower, upper);
  const operands = `lower bound operand: AttributeValue: ${show(lower)}, upper bound operand: AttributeValue: ${show(upper)}`;
  if (order === undefined) {
    throw invalid(
      kind,
      `The BETWEEN operator requires same data type for lower and upper bounds; ${operands}`,
    );
  }
  if (order > 0) {
    throw invalid(
      kind,
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${operands}`,
    );
  }
}

function show(value: AttributeValue): string {
  return JSON.stringify(value).replaceAll('"', '');
}

function checkDistinct(
  kind: ExpressionKind,
  operator: string,
  left: Operand,
  right: Operand,
  bindings: Bindings,
): void {
  if (left.kind !== 'path' || right.kind !== 'path') return;
  const first = showPath(resolve(left.path, bindings));
  if (first === showPath(resolve(right.path, bindings))) {
    throw invalid(
      kind,
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${first}`,
    );
  }
}

function resolve(path: Path, bindings: Bindings): (string | number)[] {
  return bindings.path(path);
}

function checkTypeName(kind: ExpressionKind, operand: Operand, bindings: Bindings): void {
  if (operand.kind !== 'value') return;
  checkTypes(kind, 'attribute_type', [operand], ['S'], bindings);
  const value = bindings.value(operand.name);
  if ('S' in value && !isAttributeType(value.S)) {
    throw invalid(
      kind,
      `Invalid attribute type name found; type: ${value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
    );
  }
}

function invalid(kind: ExpressionKind, problem: string): DynamoError {
  return validation(`Invalid ${kind}: ${problem}`);
}
