/**
 * What one request gives its expressions: ExpressionAttributeNames and -Values. Parses
 * expressions (each text once, cached), and refuses placeholders that are used but not
 * defined, or defined but not used, in AWS's wording.
 */
import { serialization, validation } from '../errors.ts';
import { type AttributeValue, checkValue, isObject, valueSize } from '../values.ts';
import type { Condition, Parsed, Path, Step, Update } from './ast.ts';
import { parseCondition, parseProjection } from './parse.ts';
import { parseUpdate } from './parse-update.ts';
import type { ExpressionKind } from './tokens.ts';

/** Developer Guide, "Quotas": all substitution variables of an expression together. */
export const MAX_SUBSTITUTION_BYTES = 2 * 1024 * 1024;
const MAX_CACHED = 2000;

interface Expressions {
  readonly ConditionExpression: Condition;
  readonly FilterExpression: Condition;
  readonly KeyConditionExpression: Condition;
  readonly UpdateExpression: Update;
  readonly ProjectionExpression: readonly Path[];
}

const cache = new Map<string, Parsed<unknown>>();

/** The placeholders of one request; `finish()` when all its expressions are parsed. */
export class Bindings {
  readonly #names: Record<string, string>;
  readonly #values: Record<string, AttributeValue>;
  readonly #usedNames = new Set<string>();
  readonly #usedValues = new Set<string>();
  #expressions = 0;

  /** Takes the request, or an action of a transaction. */
  constructor(input: Readonly<Record<string, unknown>>) {
    this.#names = readNames(input.ExpressionAttributeNames);
    this.#values = readValues(input.ExpressionAttributeValues);
  }

  /** Parses the request's member of that name; undefined when it has none. */
  parse<K extends ExpressionKind>(
    kind: K,
    input: Readonly<Record<string, unknown>>,
  ): Expressions[K] | undefined {
    const text = input[kind];
    if (text === undefined || text === null) return undefined;
    if (typeof text !== 'string') throw serialization('Unexpected token received from parser');
    const parsed = parseCached(kind, text);
    this.#expressions += 1;
    for (const name of parsed.names) this.#useName(kind, name);
    for (const name of parsed.values) this.#useValue(kind, name);
    return parsed.tree as Expressions[K];
  }

  /** Refuses placeholders that no expression used. */
  finish(): void {
    const names = Object.keys(this.#names);
    const values = Object.keys(this.#values);
    if (this.#expressions === 0 && names.length > 0) {
      throw validation('ExpressionAttributeNames can only be specified when using expressions');
    }
    if (this.#expressions === 0 && values.length > 0) {
      throw validation('ExpressionAttributeValues can only be specified when using expressions');
    }
    refuseUnused('ExpressionAttributeNames', names, this.#usedNames);
    refuseUnused('ExpressionAttributeValues', values, this.#usedValues);
  }

  /** The attribute name or index that a step of a path stands for. */
  step(step: Step): string | number {
    return typeof step === 'string' && step.startsWith('#') ? (this.#names[step] ?? step) : step;
  }

  path(path: Path): (string | number)[] {
    return path.map((step) => this.step(step));
  }

  /** The value of a `:placeholder` that `parse` has let through. */
  value(name: string): AttributeValue {
    const value = this.#values[name];
    if (value === undefined) throw new Error(`unbound value ${name}`);
    return value;
  }

  #useName(kind: ExpressionKind, name: string): void {
    if (!Object.hasOwn(this.#names, name)) {
      throw validation(
        `Invalid ${kind}: An expression attribute name used in the document path is not defined; attribute name: ${name}`,
      );
    }
    this.#usedNames.add(name);
  }

  #useValue(kind: ExpressionKind, name: string): void {
    if (!Object.hasOwn(this.#values, name)) {
      throw validation(
        `Invalid ${kind}: An expression attribute value used in expression is not defined; attribute value: ${name}`,
      );
    }
    this.#usedValues.add(name);
  }
}

function parseCached(kind: ExpressionKind, text: string): Parsed<unknown> {
  const key = `${kind} ${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parsed = parseText(kind, text);
  // Texts come from code, not from users; a flood of different ones only empties the cache.
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, parsed);
  return parsed;
}

function parseText(kind: ExpressionKind, text: string): Parsed<unknown> {
  if (kind === 'UpdateExpression') return parseUpdate(text);
  return kind === 'ProjectionExpression' ? parseProjection(text) : parseCondition(kind, text);
}

function readNames(input: unknown): Record<string, string> {
  if (input === undefined || input === null) return {};
  if (!isObject(input)) throw serialization('Unexpected value type in payload');
  if (Object.keys(input).length === 0) throw validation('ExpressionAttributeNames must not be empty');
  const names: Record<string, string> = {};
  for (const key in input) {
    const name = input[key];
    if (typeof name !== 'string') throw serialization('Unexpected token received from parser');
    if (!/^#[A-Za-z0-9_]+$/.test(key)) {
      throw validation(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`);
    }
    names[key] = name;
  }
  return names;
}

function readValues(input: unknown): Record<string, AttributeValue> {
  if (input === undefined || input === null) return {};
  if (!isObject(input)) throw serialization('Unexpected value type in payload');
  if (Object.keys(input).length === 0) throw validation('ExpressionAttributeValues must not be empty');
  const values: Record<string, AttributeValue> = {};
  let bytes = 0;
  for (const key in input) {
    if (!/^:[A-Za-z0-9_]+$/.test(key)) {
      throw validation(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`);
    }
    const value = checkBound(key, input[key]);
    bytes += valueSize(value);
    values[key] = value;
  }
  if (bytes > MAX_SUBSTITUTION_BYTES) {
    throw validation('Invalid expression: the size of the attribute values exceeds the maximum of 2 MB');
  }
  return values;
}

function checkBound(key: string, value: unknown): AttributeValue {
  try {
    return checkValue(value);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ValidationException') throw error;
    throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
  }
}

function refuseUnused(member: string, defined: readonly string[], used: ReadonlySet<string>): void {
  const unused = defined.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw validation(`Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`);
  }
}
