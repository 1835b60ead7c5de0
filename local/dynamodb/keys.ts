/**
 * Primary keys and index keys: checking that an item or a request carries them with the
 * right type and size, and their encoded bytes. Knows schemas and values, no storage.
 */
import { type DynamoError, invalidParameter, validation } from './errors.ts';
import { encodeKey, type KeyType } from './key-codec.ts';
import { type AttributeValue, type Item, member, typeOf } from './values.ts';

export const MAX_HASH_KEY_BYTES = 2048;
export const MAX_RANGE_KEY_BYTES = 1024;

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

export interface KeySchema {
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
}

/** Encoded key: what a row is found by. A table without a sort key has `sk` empty. */
export interface Key {
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

export function keyAttributes(schema: KeySchema): readonly KeyAttribute[] {
  return schema.range === undefined ? [schema.hash] : [schema.hash, schema.range];
}

/** The primary key of an item to be put. */
export function keyOfItem(schema: KeySchema, item: Item): Key {
  return encode(schema, (attribute) => {
    const value = member(item, attribute.name);
    if (value === undefined) throw invalidParameter(`Missing the key ${attribute.name} in the item`);
    const text = keyText(attribute, value);
    if (text === undefined) throw typeMismatch(attribute, value);
    return text;
  });
}

/** The primary key given as such: exactly its attributes, nothing else. */
export function keyOfRequest(schema: KeySchema, key: Item): Key {
  if (Object.keys(key).length !== keyAttributes(schema).length) throw schemaMismatch();
  return encode(schema, (attribute) => {
    const value = member(key, attribute.name);
    const text = value === undefined ? undefined : keyText(attribute, value);
    if (text === undefined) throw schemaMismatch();
    return text;
  });
}

/** The key of an item in an index; undefined when the index does not hold it (sparse). */
export function keyInIndex(index: KeySchema & { readonly name: string }, item: Item): Key | undefined {
  if (keyAttributes(index).some(({ name }) => member(item, name) === undefined)) return undefined;
  return encode(index, (attribute) => {
    const value = member(item, attribute.name);
    return value === undefined ? '' : (keyText(attribute, value) ?? '');
  });
}

/** Refuses index key attributes of the wrong type, and empty ones. */
export function checkIndexKey(index: KeySchema & { readonly name: string }, item: Item): void {
  for (const attribute of keyAttributes(index)) {
    const value = member(item, attribute.name);
    if (value === undefined) continue;
    const text = keyText(attribute, value);
    if (text === undefined) {
      throw invalidParameter(
        `Type mismatch for Index Key ${attribute.name} Expected: ${attribute.type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
      );
    }
    if (text === '') {
      throw validation(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${emptyName(attribute)} value. IndexName: ${index.name}, IndexKey: ${attribute.name}`,
      );
    }
  }
}

/** The text of a key value if it has the attribute's type. */
export function keyText(attribute: KeyAttribute, value: AttributeValue): string | undefined {
  if (attribute.type === 'S') return 'S' in value ? value.S : undefined;
  if (attribute.type === 'N') return 'N' in value ? value.N : undefined;
  return 'B' in value ? value.B : undefined;
}

/** The key attributes of an item, as they stand in `LastEvaluatedKey`. */
export function pickKey(item: Item, schemas: readonly KeySchema[]): Item {
  const key: Item = {};
  for (const { name } of schemas.flatMap(keyAttributes)) {
    const value = member(item, name);
    if (value !== undefined) key[name] = value;
  }
  return key;
}

export function schemaMismatch(): DynamoError {
  return validation('The provided key element does not match the schema');
}

function encode(schema: KeySchema, text: (attribute: KeyAttribute) => string): Key {
  const pk = encodePart(schema.hash, text(schema.hash), MAX_HASH_KEY_BYTES);
  const { range } = schema;
  const sk = range === undefined ? NO_BYTES : encodePart(range, text(range), MAX_RANGE_KEY_BYTES);
  return { pk, sk };
}

function encodePart(attribute: KeyAttribute, text: string, limit: number): Uint8Array {
  if (text === '') {
    throw validation(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${emptyName(attribute)} value. Key: ${attribute.name}`,
    );
  }
  const bytes = encodeKey(attribute.type, text);
  if (bytes.length > limit) {
    throw invalidParameter(
      limit === MAX_HASH_KEY_BYTES
        ? 'Size of hashkey has exceeded the maximum size limit of2048 bytes'
        : 'Aggregated size of all range keys has exceeded the size limit of 1024 bytes',
    );
  }
  return bytes;
}

function emptyName(attribute: KeyAttribute): string {
  return attribute.type === 'B' ? 'binary' : 'string';
}

function typeMismatch(attribute: KeyAttribute, value: AttributeValue): DynamoError {
  return invalidParameter(
    `Type mismatch for key ${attribute.name} expected: ${attribute.type} actual: ${typeOf(value)}`,
  );
}
