/**
 * BatchGetItem and BatchWriteItem. A batch is many single requests, not a transaction;
 * here its writes share one commit all the same.
 */
import type { Usage } from '../types.ts';
import { Capacity, readUnits } from './capacity.ts';
import { answer, type Context, noteResource, RawJson } from './context.ts';
import { validation } from './errors.ts';
import { Bindings } from './expression/bindings.ts';
import {
  constraint,
  type Input,
  missing,
  optionalBoolean,
  optionalObject,
  optionalObjects,
  requiredObject,
} from './input.ts';
import { type Action, prepareDelete, preparePut, projectionPaths, shownItem } from './items.ts';
import { type Key, keyOfRequest } from './keys.ts';
import type { Table } from './tables.ts';
import { checkItem, isObject, member } from './values.ts';
import { applyChange } from './write-item.ts';

export const MAX_BATCH_GETS = 100;
export const MAX_BATCH_WRITES = 25;
export const MAX_BATCH_GET_BYTES = 16 * 1024 * 1024;

export async function batchGetItem(context: Context, input: Input, usage: Usage): Promise<string> {
  const requests = tableRequests(input);
  const capacity = new Capacity('read', input, usage);
  const total = requests.reduce(
    (sum, [, request]) => sum + (optionalObjects(request, 'Keys')?.length ?? 0),
    0,
  );
  if (total > MAX_BATCH_GETS) throw validation('Too many items requested for the BatchGetItem call');
  const reads = requests.map(([name, request]) => prepareGets(context, name, request, usage));
  const responses: string[] = [];
  const unprocessed: Record<string, unknown> = {};
  let bytes = 0;
  for (const read of reads) {
    const found: string[] = [];
    const left: unknown[] = [];
    for (const { key, given } of read.keys) {
      if (bytes > MAX_BATCH_GET_BYTES) {
        left.push(given);
        continue;
      }
      const row = read.table.rows.get(key);
      bytes += row?.size ?? 0;
      if (bytes > MAX_BATCH_GET_BYTES) {
        left.push(given);
        continue;
      }
      capacity.add(read.name, readUnits(row?.size ?? 0, read.consistent ? 'strong' : 'eventual'));
      if (row !== undefined) found.push(shownItem(row, read.paths).text);
    }
    responses.push(`${JSON.stringify(read.name)}:[${found.join(',')}]`);
    if (left.length > 0) unprocessed[read.name] = { ...read.request, Keys: left };
  }
  await context.storage.settled();
  return answer({
    Responses: new RawJson(`{${responses.join(',')}}`),
    UnprocessedKeys: unprocessed,
    ConsumedCapacity: capacity.many(),
  });
}

export async function batchWriteItem(context: Context, input: Input, usage: Usage): Promise<string> {
  const lists = requestItems(input).map(([name, list]) => {
    if (!Array.isArray(list) || list.length === 0) throw emptyRequests();
    return [name, list.map((entry: unknown) => (isObject(entry) ? entry : {}))] as const;
  });
  const total = lists.reduce((sum, [, list]) => sum + list.length, 0);
  if (total > MAX_BATCH_WRITES) throw validation('Too many items requested for the BatchWriteItem call');
  const capacity = new Capacity('write', input, usage);
  const actions = lists.flatMap(([name, list]) => list.map((entry) => prepareWrite(context, name, entry)));
  refuseDuplicates(actions);
  const [first] = actions;
  if (first !== undefined) noteResource(usage, first.table.definition.name, first.hash);
  await context.storage.write(() => {
    for (const action of actions) {
      const change = action.change(action.table.rows.get(action.key));
      if (change === undefined) throw new Error('a write without a change');
      const cost = applyChange(change);
      const { name } = action.table.definition;
      capacity.add(name, cost.table);
      for (const index of cost.indexes) capacity.add(name, index.units, index.name);
    }
  });
  return answer({ UnprocessedItems: {}, ConsumedCapacity: capacity.many() });
}

/** One text per item, whichever table it is in, to find two operations on the same one. */
export function itemIdentity(table: Table, { pk, sk }: Key): string {
  return `${String(table.id)} ${Buffer.from(pk).toString('base64')} ${Buffer.from(sk).toString('base64')}`;
}

interface Gets {
  readonly name: string;
  readonly request: Input;
  readonly table: Table;
  readonly paths: ReturnType<typeof projectionPaths>;
  readonly consistent: boolean;
  readonly keys: readonly { readonly key: Key; readonly given: unknown }[];
}

function prepareGets(context: Context, name: string, request: Input, usage: Usage): Gets {
  const table = context.tables.get(name);
  const bindings = new Bindings(request);
  const paths = projectionPaths(request, bindings);
  bindings.finish();
  const { schema } = table.definition;
  const keys = (optionalObjects(request, 'Keys') ?? []).map((given) => {
    const item = checkItem(given, 'Key');
    noteResource(usage, name, member(item, schema.hash.name));
    return { key: keyOfRequest(schema, item), given };
  });
  if (keys.length === 0) {
    throw constraint(
      '[]',
      `requestItems.${name}.member.keys`,
      'Member must have length greater than or equal to 1',
    );
  }
  refuseDuplicates(keys.map(({ key }) => ({ table, key })));
  return { name, request, table, paths, consistent: optionalBoolean(request, 'ConsistentRead'), keys };
}

function prepareWrite(context: Context, name: string, entry: Input): Action {
  const put = optionalObject(entry, 'PutRequest');
  const remove = optionalObject(entry, 'DeleteRequest');
  if ((put === undefined) === (remove === undefined)) {
    throw validation(
      'Supplied WriteRequest is not valid: it must contain exactly one of PutRequest and DeleteRequest',
    );
  }
  return put === undefined
    ? prepareDelete(context, { TableName: name, Key: remove?.Key })
    : preparePut(context, { TableName: name, Item: put.Item });
}

function refuseDuplicates(operations: readonly { table: Table; key: Key }[]): void {
  const identities = new Set(operations.map(({ table, key }) => itemIdentity(table, key)));
  if (identities.size < operations.length) {
    throw validation('Provided list of item keys contains duplicates');
  }
}

function requestItems(input: Input): [string, unknown][] {
  const entries = Object.entries(requiredObject(input, 'RequestItems'));
  if (entries.length === 0) throw emptyRequests();
  return entries;
}

function tableRequests(input: Input): [string, Input][] {
  return requestItems(input).map(([name, request]) => {
    if (!isObject(request)) throw missing('RequestItems');
    return [name, request];
  });
}

function emptyRequests(): Error {
  return constraint('{}', 'RequestItems', 'Member must have length greater than or equal to 1');
}
