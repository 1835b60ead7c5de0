/**
 * Query and Scan: pages of rows in key order, of a table or an index. A page ends after
 * `Limit` rows or 1 MB, counted before the filter; the filter then thins what is returned.
 */
import type { Usage } from '../types.ts';
import { Capacity, readUnits } from './capacity.ts';
import { answer, type Context, noteResource, RawJson } from './context.ts';
import type { IndexDefinition } from './definition.ts';
import { type DynamoError, invalidParameter, validation } from './errors.ts';
import type { Condition } from './expression/ast.ts';
import { Bindings } from './expression/bindings.ts';
import type { ResolvedPath } from './expression/document.ts';
import { checkCondition, evaluate } from './expression/evaluate.ts';
import { project } from './expression/projection.ts';
import {
  constraint,
  type Input,
  oneOf,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  refuseLegacy,
  tableName,
} from './input.ts';
import { projectionPaths } from './items.ts';
import { isKeyAttribute, type KeyRange, keyRange } from './key-condition.ts';
import { type Key, type KeySchema, keyAttributes, keyOfRequest, pickKey } from './keys.ts';
import type { Bound, Range, Row } from './rows.ts';
import { findIndex, type Table } from './tables.ts';
import { checkItem, type Item } from './values.ts';
import { projectedNames } from './write-item.ts';

export const MAX_PAGE_BYTES = 1024 * 1024;

/** What Query and Scan share once their request is read. */
interface Read {
  readonly table: Table;
  readonly at: number | undefined;
  readonly schema: KeySchema;
  readonly bindings: Bindings;
  readonly filter: Condition | undefined;
  readonly paths: readonly ResolvedPath[] | undefined;
  readonly limit: number;
  readonly countOnly: boolean;
}

export async function query(context: Context, input: Input, usage: Usage): Promise<string> {
  const read = prepareRead(context, input);
  const condition = read.bindings.parse('KeyConditionExpression', input);
  if (condition === undefined) {
    throw validation(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  }
  checkCondition('KeyConditionExpression', condition, read.bindings);
  read.bindings.finish();
  const { hash, ...bounds } = keyRange(condition, read.schema, read.bindings);
  if (read.filter !== undefined) refuseKeysInFilter(read.filter, read);
  noteResource(usage, read.table.definition.name, hash);
  const backward = input.ScanIndexForward === false;
  const after = startKey(input, read);
  if (after !== undefined) checkStart(after, bounds);
  return await readPage(context, input, usage, read, { ...bounds, after, backward });
}

export async function scan(context: Context, input: Input, usage: Usage): Promise<string> {
  const read = prepareRead(context, input);
  read.bindings.finish();
  if (optionalInteger(input, 'TotalSegments') !== undefined) {
    throw validation('Parallel scans are not supported here: leave out TotalSegments');
  }
  noteResource(usage, read.table.definition.name, undefined);
  return await readPage(context, input, usage, read, { after: startKey(input, read), backward: false });
}

function prepareRead(context: Context, input: Input): Read {
  refuseLegacy(input);
  const table = context.tables.get(tableName(input));
  const indexName = optionalString(input, 'IndexName');
  const found = indexName === undefined ? undefined : findIndex(table, indexName);
  if (found !== undefined && optionalBoolean(input, 'ConsistentRead')) {
    throw validation('Consistent reads are not supported on global secondary indexes');
  }
  const bindings = new Bindings(input);
  const filter = bindings.parse('FilterExpression', input);
  if (filter !== undefined) checkCondition('FilterExpression', filter, bindings);
  const paths = projectionPaths(input, bindings);
  const read = {
    table,
    at: found?.at,
    schema: found?.index ?? table.definition.schema,
    bindings,
    filter,
    paths,
    limit: readLimit(input),
  };
  const select = readSelect(input, found !== undefined, paths);
  if (found !== undefined) checkProjected(table, found.index, select, paths ?? []);
  return { ...read, countOnly: select === 'COUNT' };
}

/** An index gives what it holds, nothing else: it does not fetch the rest from the table. */
function checkProjected(
  table: Table,
  index: IndexDefinition,
  select: string,
  paths: readonly ResolvedPath[],
): void {
  if (index.projection === 'ALL') return;
  if (select === 'ALL_ATTRIBUTES') {
    throw invalidParameter(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  const held = new Set<unknown>(projectedNames(table, index));
  const missing = paths.map(([name]) => name).filter((name) => !held.has(name));
  if (missing.length > 0) {
    throw invalidParameter(`Global secondary index ${index.name} does not project [${missing.join(', ')}]`);
  }
}

function readLimit(input: Input): number {
  const limit = optionalInteger(input, 'Limit');
  if (limit !== undefined && limit < 1) {
    throw constraint(limit, 'Limit', 'Member must have value greater than or equal to 1');
  }
  return limit ?? Number.POSITIVE_INFINITY;
}

const SELECTS = ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'] as const;

function readSelect(input: Input, isIndex: boolean, paths: unknown): (typeof SELECTS)[number] {
  const fallback =
    paths === undefined ? (isIndex ? 'ALL_PROJECTED_ATTRIBUTES' : 'ALL_ATTRIBUTES') : 'SPECIFIC_ATTRIBUTES';
  const select = oneOf(input, 'Select', SELECTS, fallback);
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !isIndex) {
    throw validation('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select !== 'SPECIFIC_ATTRIBUTES' && paths !== undefined) {
    throw validation(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && paths === undefined) {
    throw validation(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  return select;
}

/** The row to continue after, from ExclusiveStartKey: key and, in an index, the item's own key too. */
function startKey(input: Input, { table, at, schema }: Read): Range['after'] {
  const given = optionalObject(input, 'ExclusiveStartKey');
  if (given === undefined) return undefined;
  const item = checkItem(given, 'ExclusiveStartKey');
  const names = new Set([schema, table.definition.schema].flatMap(keyAttributes).map(({ name }) => name));
  const exact =
    Object.keys(item).length === names.size && [...names].every((name) => Object.hasOwn(item, name));
  if (!exact) throw invalidStart();
  try {
    const base =
      at === undefined
        ? undefined
        : keyOfRequest(table.definition.schema, pickKey(item, [table.definition.schema]));
    return { ...keyOfRequest(schema, pickKey(item, [schema])), base };
  } catch {
    throw invalidStart();
  }
}

/** The start must lie where the query looks. */
function checkStart(after: Key, { pk, low, high }: Pick<KeyRange, 'pk' | 'low' | 'high'>): void {
  if (Buffer.compare(after.pk, pk) !== 0) {
    throw validation('The provided starting key is outside query boundaries based on provided conditions');
  }
  const order = (bound: Bound, sign: number) => sign * Buffer.compare(after.sk, bound.sk);
  const beyond = (bound: Bound | undefined, sign: number) =>
    bound !== undefined && (bound.inclusive ? order(bound, sign) < 0 : order(bound, sign) <= 0);
  if (beyond(low, 1) || beyond(high, -1)) {
    throw validation('The provided starting key does not match the range key predicate');
  }
}

function invalidStart(): DynamoError {
  return validation('The provided starting key is invalid');
}

async function readPage(
  context: Context,
  input: Input,
  usage: Usage,
  read: Read,
  range: Range,
): Promise<string> {
  const capacity = new Capacity('read', input, usage);
  const { rows, bytes, more } = takePage(read, range);
  const mode = optionalBoolean(input, 'ConsistentRead') ? 'strong' : 'eventual';
  const { name } = read.table.definition;
  if (read.at === undefined) capacity.add(name, readUnits(bytes, mode));
  else capacity.add(name, readUnits(bytes, mode), read.table.definition.indexes[read.at]?.name);
  const last = more ? rows.at(-1) : undefined;
  const shown = showRows(rows, read);
  await context.storage.settled();
  return answer({
    Items: read.countOnly ? undefined : new RawJson(`[${shown.texts.join(',')}]`),
    Count: shown.count,
    ScannedCount: rows.length,
    LastEvaluatedKey:
      last && pickKey(JSON.parse(last.item) as Item, [read.table.definition.schema, read.schema]),
    ConsumedCapacity: capacity.one(),
  });
}

function takePage(read: Read, range: Range): { rows: Row[]; bytes: number; more: boolean } {
  const rows: Row[] = [];
  let bytes = 0;
  for (const row of read.table.rows.range(read.at, range)) {
    rows.push(row);
    bytes += row.size;
    // Like AWS, which does not look whether another row follows.
    if (rows.length >= read.limit || bytes >= MAX_PAGE_BYTES) return { rows, bytes, more: true };
  }
  return { rows, bytes, more: false };
}

function showRows(rows: readonly Row[], read: Read): { texts: string[]; count: number } {
  const { filter, paths, bindings } = read;
  if (filter === undefined && paths === undefined) {
    return { texts: rows.map(({ item }) => item), count: rows.length };
  }
  const texts: string[] = [];
  for (const row of rows) {
    const item = JSON.parse(row.item) as Item;
    if (filter !== undefined && !evaluate(filter, item, bindings)) continue;
    texts.push(paths === undefined ? row.item : JSON.stringify(project(item, paths)));
  }
  return { texts, count: texts.length };
}

function refuseKeysInFilter(filter: Condition, read: Read): void {
  for (const path of filterPaths(filter)) {
    const [name] = read.bindings.path(path);
    if (typeof name === 'string' && isKeyAttribute(read.schema, name)) {
      throw validation(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      );
    }
  }
}

function filterPaths(condition: Condition): ResolvedPath[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...filterPaths(condition.left), ...filterPaths(condition.right)];
    case 'not':
      return filterPaths(condition.operand);
    case 'exists':
    case 'notExists':
      return [condition.path];
    default:
      return Object.values(condition)
        .flat()
        .flatMap((operand: unknown) => operandPath(operand));
  }
}

function operandPath(operand: unknown): ResolvedPath[] {
  if (typeof operand !== 'object' || operand === null || !('path' in operand)) return [];
  return [operand.path as ResolvedPath];
}
