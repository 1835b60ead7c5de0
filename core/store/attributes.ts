/**
 * Values as DynamoDB attributes and back, for the items that are written and read with every
 * message: the SDK's `marshall` and `unmarshall` for strings, numbers that are exact, booleans,
 * octets, lists and maps, and nothing else. Knows no table.
 */
import assert from 'node:assert/strict';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Attributes = Record<string, AttributeValue>;

/** An object as an item. A value of any other kind, undefined too, is a bug. */
export function toAttributes(value: object): Attributes {
  const attributes: Attributes = {};
  for (const [name, each] of Object.entries(value)) attributes[name] = toAttribute(each);
  return attributes;
}

function toAttribute(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      assert.ok(Math.abs(value) <= Number.MAX_SAFE_INTEGER, 'a number that is stored is exact');
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
  }
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  assert.ok(isPlain(value), 'a value of a kind that is not stored');
  return { M: toAttributes(value) };
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** An item as an object. An attribute of any other kind stays as it is: a newer writer's, for the decoder to refuse. */
export function fromAttributes(attributes: Attributes): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const name in attributes) {
    const attribute = attributes[name];
    if (attribute !== undefined) value[name] = fromAttribute(attribute);
  }
  return value;
}

function fromAttribute(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return exact(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.B !== undefined) return attribute.B;
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.M !== undefined) return fromAttributes(attribute.M);
  return attribute;
}

function exact(text: string): number {
  const value = Number(text);
  assert.ok(Math.abs(value) <= Number.MAX_SAFE_INTEGER, 'a number that was stored is exact');
  return value;
}
