/**
 * KeyConditionExpression: parsed as a condition, then narrowed to what a Query can be: one
 * equality on the partition key, at most one range on the sort key.
 */
import { validation } from './errors.ts';
import type { Comparator, Condition, Operand } from './expression/ast.ts';
import type { Bindings } from './expression/bindings.ts';
import { encodeKey, prefixEnd } from './key-codec.ts';
import {
  type KeyAttribute,
  type KeySchema,
  keyText,
  MAX_HASH_KEY_BYTES,
  MAX_RANGE_KEY_BYTES,
} from './keys.ts';
import type { Bound } from './rows.ts';
import { type AttributeValue, typeOf } from './values.ts';

export interface KeyRange {
  readonly pk: Uint8Array;
  readonly hash: AttributeValue;
  readonly low: Bound | undefined;
  readonly high: Bound | undefined;
}

/** One condition on one attribute. */
interface Term {
  readonly name: string;
  readonly operator: Comparator | 'between' | 'beginsWith';
  readonly values: readonly AttributeValue[];
}

const MIRRORED: Readonly<Record<Comparator, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Turns the condition into encoded bounds on the keys of a table or index. */
export function keyRange(condition: Condition, schema: KeySchema, bindings: Bindings): KeyRange {
  const terms = collectTerms(condition, bindings);
  const names = terms.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw validation('KeyConditionExpressions must only contain one condition per key');
  }
  const hash = terms.find(({ name }) => name === schema.hash.name);
  if (hash === undefined) throw missed(schema.hash.name);
  if (hash.operator !== '=') throw validation('Query key condition not supported');
  const range = terms.find((term) => term !== hash);
  if (range !== undefined && range.name !== schema.range?.name) {
    throw schema.range === undefined || terms.length > 2
      ? validation('Query key condition not supported')
      : missed(schema.range.name);
  }
  if (terms.length > 2) throw validation('Query key condition not supported');
  const [hashValue] = hash.values;
  if (hashValue === undefined) throw validation('Query key condition not supported');
  const pk = encodeTerm(schema.hash, hashValue, MAX_HASH_KEY_BYTES);
  const bounds =
    range === undefined || schema.range === undefined ? NO_BOUNDS : rangeBounds(schema.range, range);
  return { pk, hash: hashValue, ...bounds };
}

/** The attributes a filter of the same query may not name. */
export function isKeyAttribute(schema: KeySchema, name: string): boolean {
  return schema.hash.name === name || schema.range?.name === name;
}

type Bounds = Pick<KeyRange, 'low' | 'high'>;
const NO_BOUNDS: Bounds = { low: undefined, high: undefined };

function collectTerms(condition: Condition, bindings: Bindings): Term[] {
  switch (condition.kind) {
    case 'and':
      return [...collectTerms(condition.left, bindings), ...collectTerms(condition.right, bindings)];
    case 'compare': {
      const { left, right, operator } = condition;
      if (operator === '<>') throw unsupported('<>');
      return left.kind === 'value'
        ? [term(right, MIRRORED[operator], [left], bindings)]
        : [term(left, operator, [right], bindings)];
    }
    case 'between':
      return [term(condition.value, 'between', [condition.low, condition.high], bindings)];
    case 'beginsWith':
      return [term(condition.value, 'beginsWith', [condition.prefix], bindings)];
    default:
      throw unsupported(OPERATOR_NAMES[condition.kind]);
  }
}

const OPERATOR_NAMES = {
  or: 'OR',
  not: 'NOT',
  in: 'IN',
  exists: 'attribute_exists',
  notExists: 'attribute_not_exists',
  type: 'attribute_type',
  contains: 'contains',
} as const;

function term(
  attribute: Operand,
  operator: Term['operator'],
  operands: readonly Operand[],
  bindings: Bindings,
): Term {
  if (attribute.kind === 'size') throw unsupported('size');
  if (attribute.kind !== 'path') {
    throw validation(
      'Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: No key attribute specified',
    );
  }
  const [name, ...nested] = bindings.path(attribute.path);
  if (nested.length > 0) {
    throw validation(
      'Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes',
    );
  }
  const values = operands.map((operand) => {
    if (operand.kind !== 'value') {
      throw validation(
        'Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: Multiple attributes used in one condition',
      );
    }
    return bindings.value(operand.name);
  });
  return { name: String(name), operator, values };
}

function rangeBounds(attribute: KeyAttribute, { operator, values }: Term): Bounds {
  const [first, second] = values.map((value) => encodeTerm(attribute, value, MAX_RANGE_KEY_BYTES));
  if (first === undefined) throw validation('Query key condition not supported');
  const at = (inclusive: boolean): Bound => ({ sk: first, inclusive });
  switch (operator) {
    case '=':
      return { low: at(true), high: at(true) };
    case '<':
      return { low: undefined, high: at(false) };
    case '<=':
      return { low: undefined, high: at(true) };
    case '>':
      return { low: at(false), high: undefined };
    case '>=':
      return { low: at(true), high: undefined };
    case 'between':
      return { low: at(true), high: second === undefined ? undefined : { sk: second, inclusive: true } };
    case 'beginsWith': {
      if (attribute.type === 'N') throw unsupported('begins_with on a number');
      const end = prefixEnd(first);
      return { low: at(true), high: end === undefined ? undefined : { sk: end, inclusive: false } };
    }
    default:
      throw unsupported(operator);
  }
}

function encodeTerm(attribute: KeyAttribute, value: AttributeValue, limit: number): Uint8Array {
  const text = keyText(attribute, value);
  if (text === undefined) {
    throw validation(
      `One or more parameter values were invalid: Condition parameter type does not match schema type`,
    );
  }
  if (text === '') {
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${typeOf(value) === 'B' ? 'binary' : 'string'} value. Key: ${attribute.name}`,
    );
  }
  const bytes = encodeKey(attribute.type, text);
  if (bytes.length > limit) {
    throw validation(
      limit === MAX_HASH_KEY_BYTES
        ? 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes'
        : 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
    );
  }
  return bytes;
}

function missed(name: string): Error {
  return validation(`Query condition missed key schema element: ${name}`);
}

function unsupported(operator: string): Error {
  return validation(`Invalid operator used in KeyConditionExpression: ${operator}`);
}
