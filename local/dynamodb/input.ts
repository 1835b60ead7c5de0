/**
 * Reading the members of a request. JSON of the wrong shape is a SerializationException, a
 * missing or impossible member a ValidationException, as on AWS.
 */
import { type DynamoError, serialization, validation } from './errors.ts';
import { isObject } from './values.ts';

export type Input = Readonly<Record<string, unknown>>;

/** Members of the API before expressions; nothing here uses them, so they are refused, not ignored. */
const LEGACY = [
  'Expected',
  'ConditionalOperator',
  'AttributeUpdates',
  'AttributesToGet',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

export function refuseLegacy(input: Input): void {
  for (const name of LEGACY) {
    if (input[name] !== undefined && input[name] !== null) {
      throw validation(`The legacy parameter ${name} is not supported here: use expressions`);
    }
  }
}

export function optionalString(input: Input, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') {
    throw serialization('Unexpected token received from parser');
  }
  return value;
}

export function requiredString(input: Input, name: string): string {
  const value = optionalString(input, name);
  if (value === undefined) throw missing(name);
  return value;
}

export function optionalBoolean(input: Input, name: string): boolean {
  const value = input[name] ?? false;
  if (typeof value !== 'boolean') throw serialization('Unexpected token received from parser');
  return value;
}

export function optionalInteger(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value !== undefined && !(typeof value === 'number' && Number.isInteger(value))) {
    throw serialization('Unexpected token received from parser');
  }
  return value;
}

export function optionalObject(input: Input, name: string): Record<string, unknown> | undefined {
  const value = input[name] ?? undefined;
  if (value !== undefined && !isObject(value)) throw serialization('Unexpected value type in payload');
  return value;
}

export function requiredObject(input: Input, name: string): Record<string, unknown> {
  const value = optionalObject(input, name);
  if (value === undefined) throw missing(name);
  return value;
}

export function optionalObjects(input: Input, name: string): Record<string, unknown>[] | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw serialization('Unexpected value type in payload');
  return value.map((element: unknown) => {
    if (!isObject(element)) throw serialization('Unexpected value type in payload');
    return element;
  });
}

/** One of the words of an enumeration; `fallback` when the request has none. */
export function oneOf<T extends string>(input: Input, name: string, words: readonly T[], fallback: T): T {
  const value = optionalString(input, name);
  if (value === undefined) return fallback;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) {
    throw constraint(value, name, `Member must satisfy enum value set: [${words.join(', ')}]`);
  }
  return word;
}

/** The name in `TableName`, which may be the table's ARN. */
export function tableName(input: Input): string {
  const name = requiredString(input, 'TableName');
  return name.startsWith('arn:') ? name.slice(name.indexOf('table/') + 'table/'.length) : name;
}

export function constraint(value: unknown, name: string, rule: string): DynamoError {
  const member = name.slice(0, 1).toLowerCase() + name.slice(1);
  return validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

export function missing(name: string): DynamoError {
  const member = name.slice(0, 1).toLowerCase() + name.slice(1);
  return validation(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}
