/**
 * What a table is: its keys and indexes, read from a CreateTable request and refused as
 * AWS refuses it. Pure: knows no storage.
 */
import { type DynamoError, validation } from './errors.ts';
import {
  constraint,
  type Input,
  missing,
  oneOf,
  optionalObject,
  optionalObjects,
  requiredObject,
  requiredString,
} from './input.ts';
import type { KeyAttribute, KeySchema } from './keys.ts';

export const MAX_GLOBAL_INDEXES = 20;
export const MAX_PROJECTED_ATTRIBUTES = 100;

export type ProjectionType = 'ALL' | 'KEYS_ONLY' | 'INCLUDE';

export interface IndexDefinition extends KeySchema {
  readonly name: string;
  readonly projection: ProjectionType;
  /** Non-key attributes of an INCLUDE projection. */
  readonly attributes: readonly string[];
}

/** Kept as JSON in the catalogue. */
export interface TableDefinition {
  readonly name: string;
  readonly tableId: string;
  readonly createdAtMs: number;
  readonly schema: KeySchema;
  readonly indexes: readonly IndexDefinition[];
  readonly billingMode: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly deletionProtection: boolean;
  /** The attribute that holds the expiry; undefined when TTL is off. */
  readonly ttlAttribute: string | undefined;
}

type AttributeTypes = ReadonlyMap<string, KeyAttribute['type']>;

/** Reads a CreateTable request; the caller adds id and time. */
export function readDefinition(input: Input): Omit<TableDefinition, 'tableId' | 'createdAtMs'> {
  const name = requiredString(input, 'TableName');
  checkName('TableName', name);
  if (optionalObjects(input, 'LocalSecondaryIndexes') !== undefined) {
    throw validation('Local secondary indexes are not supported here');
  }
  if (optionalObject(input, 'StreamSpecification')?.StreamEnabled === true) {
    throw validation('Streams are not supported here');
  }
  const types = readAttributeTypes(input);
  const schema = readKeySchema(input, types);
  const indexes = (optionalObjects(input, 'GlobalSecondaryIndexes') ?? []).map((index) =>
    readIndex(index, types),
  );
  checkIndexes(indexes);
  checkAllUsed(types, [schema, ...indexes]);
  return {
    name,
    schema,
    indexes,
    billingMode: readBilling(input),
    deletionProtection: input.DeletionProtectionEnabled === true,
    ttlAttribute: undefined,
  };
}

export function checkName(memberName: string, name: string): void {
  if (!/^[a-zA-Z0-9_.-]+$/.test(name)) {
    throw constraint(name, memberName, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
  }
  if (name.length < 3) {
    throw constraint(name, memberName, 'Member must have length greater than or equal to 3');
  }
  if (name.length > 255) {
    throw constraint(name, memberName, 'Member must have length less than or equal to 255');
  }
}

function readAttributeTypes(input: Input): AttributeTypes {
  const definitions = optionalObjects(input, 'AttributeDefinitions');
  if (definitions === undefined) throw missing('AttributeDefinitions');
  const types = new Map<string, KeyAttribute['type']>();
  for (const definition of definitions) {
    const name = requiredString(definition, 'AttributeName');
    if (types.has(name)) throw validation('Duplicate AttributeName in AttributeDefinitions');
    requiredString(definition, 'AttributeType');
    types.set(name, oneOf(definition, 'AttributeType', ['B', 'N', 'S'], 'S'));
  }
  return types;
}

function readKeySchema(input: Input, types: AttributeTypes): KeySchema {
  const elements = optionalObjects(input, 'KeySchema');
  if (elements === undefined) throw missing('KeySchema');
  const [first, second, ...rest] = elements.map((element) => ({
    name: requiredString(element, 'AttributeName'),
    role: oneOf(element, 'KeyType', ['HASH', 'RANGE'], 'RANGE'),
  }));
  if (first === undefined || rest.length > 0) {
    throw validation('1 validation error detected: the key schema must have one or two elements');
  }
  if (first.role !== 'HASH') {
    throw validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (second !== undefined && second.role !== 'RANGE') {
    throw validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
  if (second?.name === first.name) {
    throw validation('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  return {
    hash: keyAttribute(first.name, types),
    range: second === undefined ? undefined : keyAttribute(second.name, types),
  };
}

function keyAttribute(name: string, types: AttributeTypes): KeyAttribute {
  const type = types.get(name);
  if (type === undefined) {
    throw validation(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
    );
  }
  return { name, type };
}

function readIndex(input: Input, types: AttributeTypes): IndexDefinition {
  const name = requiredString(input, 'IndexName');
  checkName('IndexName', name);
  const schema = readKeySchema(input, types);
  const projection = requiredObject(input, 'Projection');
  const type = oneOf(projection, 'ProjectionType', ['ALL', 'INCLUDE', 'KEYS_ONLY'], 'ALL');
  if (optionalStrings(projection, 'ProjectionType') === undefined) {
    throw invalid('Unknown ProjectionType: null');
  }
  const attributes = optionalStrings(projection, 'NonKeyAttributes') ?? [];
  if (type === 'INCLUDE' && attributes.length === 0) {
    throw invalid('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  if (type !== 'INCLUDE' && attributes.length > 0) {
    throw invalid(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  return { name, ...schema, projection: type, attributes };
}

function optionalStrings(input: Input, name: string): string[] | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  return (Array.isArray(value) ? value : [value]).map(String);
}

function checkIndexes(indexes: readonly IndexDefinition[]): void {
  if (indexes.length > MAX_GLOBAL_INDEXES) {
    throw invalid(`GlobalSecondaryIndex count exceeds the per-table limit of ${String(MAX_GLOBAL_INDEXES)}`);
  }
  const names = new Set(indexes.map(({ name }) => name));
  if (names.size < indexes.length) throw invalid('Duplicate index name');
  const projected = indexes.reduce((sum, { attributes }) => sum + attributes.length, 0);
  if (projected > MAX_PROJECTED_ATTRIBUTES) {
    throw invalid('The number of projected attributes exceeds the limit of 100');
  }
}

function checkAllUsed(types: AttributeTypes, schemas: readonly KeySchema[]): void {
  const used = new Set(schemas.flatMap(({ hash, range }) => [hash.name, range?.name]));
  if ([...types.keys()].some((name) => !used.has(name))) {
    throw invalid(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${[...types.keys()].join(', ')}], keys used: [${[...used].filter((name) => name !== undefined).join(', ')}]`,
    );
  }
}

function readBilling(input: Input): TableDefinition['billingMode'] {
  const mode = oneOf(input, 'BillingMode', ['PROVISIONED', 'PAY_PER_REQUEST'], 'PROVISIONED');
  const throughput = optionalObject(input, 'ProvisionedThroughput');
  if (mode === 'PROVISIONED' && throughput === undefined) {
    throw invalid(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  if (mode === 'PAY_PER_REQUEST' && throughput !== undefined) {
    throw invalid(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  return mode;
}

function invalid(problem: string): DynamoError {
  return validation(`One or more parameter values were invalid: ${problem}`);
}
