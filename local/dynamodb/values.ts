/**
 * Attribute values: checking and normalising what a client sent, sizes as DynamoDB counts
 * them, equality and order. Values keep the shape of the wire (`{"S":"x"}`, binaries in
 * base64), because they are stored and sent back as that JSON. Knows no tables.
 */
import { type DynamoError, invalidParameter, serialization, validation } from './errors.ts';
import { compareNumbers, normaliseNumber, numberSize } from './number.ts';

export type AttributeType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'BOOL' | 'NULL';

/** Exactly one member, named by its type. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { M: Item }
  | { L: AttributeValue[] }
  | { BOOL: boolean }
  | { NULL: true };

/** An item, or the content of a map attribute. */
export interface Item {
  [name: string]: AttributeValue;
}

export const MAX_ITEM_BYTES = 400 * 1024;
/** Developer Guide, "Quotas": nested attribute depth. */
export const MAX_NESTING = 32;

const TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'BOOL', 'NULL']);

export function isAttributeType(name: string): name is AttributeType {
  return TYPES.has(name);
}

/** The type and the bare content of a value, for a `switch` over types. */
export function typeOf(value: AttributeValue): AttributeType {
  for (const name in value) if (isAttributeType(name)) return name;
  throw new Error('an attribute value without a type');
}

/** Own member of a map; a name like `constructor` finds nothing by accident. */
export function member(map: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Sets a member, also one called `__proto__`. */
export function setMember(map: Item, name: string, value: AttributeValue): void {
  if (name === '__proto__') {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    map[name] = value;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks an item from the wire and normalises its numbers and binaries in place. */
export function checkItem(value: unknown, name = 'Item'): Item {
  if (!isObject(value)) throw serialization(`Unexpected value for ${name}: a map was expected`);
  for (const attribute in value) checkValue(value[attribute], 1);
  return value as Item;
}

/** Checks one value from the wire and normalises it in place. */
export function checkValue(value: unknown, depth = 1): AttributeValue {
  if (!isObject(value)) throw serialization('Unexpected value type in payload');
  const type = onlyType(value);
  if (depth > MAX_NESTING) throw tooDeep();
  const content = value[type];
  switch (type) {
    case 'S':
      text(content);
      break;
    case 'N':
      value.N = normaliseNumber(text(content));
      break;
    case 'B':
      value.B = normaliseBinary(text(content));
      break;
    case 'SS':
    case 'NS':
    case 'BS':
      value[type] = checkSet(type, content);
      break;
    case 'M':
      if (!isObject(content)) throw serialization('Unexpected value type in payload');
      for (const name in content) checkValue(content[name], depth + 1);
      break;
    case 'L':
      for (const element of list(content)) checkValue(element, depth + 1);
      break;
    case 'BOOL':
      if (typeof content !== 'boolean') throw serialization('Unexpected token received from parser');
      break;
    case 'NULL':
      if (content !== true) throw invalidParameter('Null attribute value types must have the value of true');
  }
  return value as AttributeValue;
}

/** Refuses an item that an update has nested too deep. */
export function checkNesting(item: Item, depth = 1): void {
  for (const value of Object.values(item)) checkDepth(value, depth);
}

/** Bytes an item counts: names and values (Developer Guide, "Item sizes and formats"). */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

export function valueSize(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return binarySize(value.B);
  if ('M' in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  if ('L' in value) return value.L.reduce((sum, element) => sum + 1 + valueSize(element), 3);
  if ('SS' in value) return value.SS.reduce((sum, element) => sum + Buffer.byteLength(element), 0);
  if ('NS' in value) return value.NS.reduce((sum, element) => sum + numberSize(element), 0);
  if ('BS' in value) return value.BS.reduce((sum, element) => sum + binarySize(element), 0);
  return 1;
}

/** DynamoDB's equality: same type and content; sets regardless of order. */
export function valuesEqual(a: AttributeValue, b: AttributeValue): boolean {
  if ('S' in a) return 'S' in b && a.S === b.S;
  if ('N' in a) return 'N' in b && a.N === b.N;
  if ('B' in a) return 'B' in b && a.B === b.B;
  if ('BOOL' in a) return 'BOOL' in b && a.BOOL === b.BOOL;
  if ('NULL' in a) return 'NULL' in b;
  if ('M' in a) return 'M' in b && mapsEqual(a.M, b.M);
  if ('L' in a) return 'L' in b && listsEqual(a.L, b.L);
  return typeOf(a) === typeOf(b) && setsEqual(setElements(a) ?? [], setElements(b) ?? []);
}

/** Order of two strings, numbers or binaries; undefined when they cannot be ordered. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if ('N' in a) return 'N' in b ? compareNumbers(a.N, b.N) : undefined;
  if ('S' in a) return 'S' in b ? Buffer.compare(Buffer.from(a.S), Buffer.from(b.S)) : undefined;
  if ('B' in a) return 'B' in b ? Buffer.compare(bytesOf(a.B), bytesOf(b.B)) : undefined;
  return undefined;
}

/** The texts of a set's elements; undefined for any other type. */
export function setElements(value: AttributeValue): string[] | undefined {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
}

export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

function checkDepth(value: AttributeValue, depth: number): void {
  if (depth > MAX_NESTING) throw tooDeep();
  if ('M' in value) checkNesting(value.M, depth + 1);
  if ('L' in value) for (const element of value.L) checkDepth(element, depth + 1);
}

function tooDeep(): DynamoError {
  return validation(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  );
}

function onlyType(value: Record<string, unknown>): AttributeType {
  let found: AttributeType | undefined;
  for (const name in value) {
    if (value[name] === null || !isAttributeType(name)) {
      delete value[name];
      continue;
    }
    if (found !== undefined) {
      throw validation(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      );
    }
    found = name;
  }
  if (found === undefined) {
    throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  return found;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw serialization('Unexpected token received from parser');
  return value;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw serialization('Unexpected value type in payload');
  return value;
}

function normaliseBinary(base64: string): string {
  const padding = paddingOf(base64);
  const digits = padding === 0 ? base64 : base64.slice(0, -padding);
  // Looking for a wrong character keeps the check linear and off the stack, however long the text.
  if (base64.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(digits)) {
    throw serialization('Base64 encoded length is expected a multiple of 4 bytes, or its text is not Base64');
  }
  // The unused bits of the last character may differ between two spellings of the same bytes.
  return padding > 0 ? bytesOf(base64).toString('base64') : base64;
}

function paddingOf(base64: string): number {
  if (base64.endsWith('==')) return 2;
  return base64.endsWith('=') ? 1 : 0;
}

function binarySize(base64: string): number {
  return (base64.length / 4) * 3 - paddingOf(base64);
}

const SET_NAMES = { SS: 'string', NS: 'number', BS: 'binary' } as const;

function checkSet(type: 'SS' | 'NS' | 'BS', content: unknown): string[] {
  const elements = list(content).map(text);
  if (elements.length === 0) throw invalidParameter(`An ${SET_NAMES[type]} set  may not be empty`);
  if (type === 'NS') return distinct(elements.map(normaliseNumber), 'Input collection contains duplicates');
  const normal = type === 'BS' ? elements.map(normaliseBinary) : elements;
  const shown = elements.slice(0, 20).join(', ');
  return distinct(
    normal,
    `One or more parameter values were invalid: Input collection [${shown}] contains duplicates.`,
  );
}

function distinct(elements: string[], message: string): string[] {
  if (new Set(elements).size !== elements.length) throw validation(message);
  return elements;
}

function mapsEqual(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameMember(a, b, name));
}

function sameMember(a: Item, b: Item, name: string): boolean {
  const left = member(a, name);
  const right = member(b, name);
  return left !== undefined && right !== undefined && valuesEqual(left, right);
}

function listsEqual(a: AttributeValue[], b: AttributeValue[]): boolean {
  return (
    a.length === b.length &&
    a.every((element, at) => {
      const other = b[at];
      return other !== undefined && valuesEqual(element, other);
    })
  );
}

function setsEqual(a: string[], b: string[]): boolean {
  const elements = new Set(b);
  return a.length === b.length && a.every((element) => elements.has(element));
}
