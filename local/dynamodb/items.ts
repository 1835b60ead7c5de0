/**
 * GetItem, PutItem, UpdateItem and DeleteItem. The single actions (`preparePut` and so on)
 * are what a transaction is made of too: they check everything and return the change.
 */
import type { Usage } from '../types.ts';
import { Capacity, readUnits } from './capacity.ts';
import { answer, type Context, noteResource, RawJson } from './context.ts';
import { conditionFailed, type DynamoError, validation } from './errors.ts';
import type { Condition, Update } from './expression/ast.ts';
import { Bindings } from './expression/bindings.ts';
import type { ResolvedPath } from './expression/document.ts';
import { checkCondition, evaluate } from './expression/evaluate.ts';
import { checkPaths, project } from './expression/projection.ts';
import { applyUpdate, checkUpdate } from './expression/update.ts';
import {
  type Input,
  oneOf,
  optionalBoolean,
  refuseLegacy,
  requiredObject,
  requiredString,
  tableName,
} from './input.ts';
import { type Key, keyAttributes, keyOfItem, keyOfRequest } from './keys.ts';
import type { Row } from './rows.ts';
import type { Table } from './tables.ts';
import { checkItem, checkNesting, type Item, member } from './values.ts';
import { applyChange, type Change, checkNewItem, failedCost } from './write-item.ts';

/** One write as its request gives it: checked, its key known, nothing read yet. */
export interface Action {
  readonly table: Table;
  readonly key: Key;
  readonly hash: Item[string] | undefined;
  readonly condition: Condition | undefined;
  readonly bindings: Bindings;
  readonly returnOldOnFailure: boolean;
  /** Size known before the stored item is read: of a put. */
  readonly newSize: number;
  /** The change to the stored item, or undefined for a mere check; may refuse. */
  readonly change: (old: Row | undefined) => Change | undefined;
  /** The paths an update writes. */
  readonly updated: readonly ResolvedPath[];
}

export async function getItem(context: Context, input: Input, usage: Usage): Promise<string> {
  refuseLegacy(input);
  const table = context.tables.get(tableName(input));
  const capacity = new Capacity('read', input, usage);
  const bindings = new Bindings(input);
  const paths = projectionPaths(input, bindings);
  bindings.finish();
  const keyItem = checkItem(requiredObject(input, 'Key'), 'Key');
  const key = keyOfRequest(table.definition.schema, keyItem);
  noteResource(usage, table.definition.name, member(keyItem, table.definition.schema.hash.name));
  const row = table.rows.get(key);
  const mode = optionalBoolean(input, 'ConsistentRead') ? 'strong' : 'eventual';
  capacity.add(table.definition.name, readUnits(row?.size ?? 0, mode));
  await context.storage.settled();
  return answer({
    Item: row === undefined ? undefined : shownItem(row, paths),
    ConsumedCapacity: capacity.one(),
  });
}

/** A stored item for an answer, whole or projected. */
export function shownItem(row: Row, paths: readonly ResolvedPath[] | undefined): RawJson {
  if (paths === undefined) return new RawJson(row.item);
  return new RawJson(JSON.stringify(project(JSON.parse(row.item) as Item, paths)));
}

/** The resolved paths of a ProjectionExpression; undefined when the request has none. */
export function projectionPaths(input: Input, bindings: Bindings): ResolvedPath[] | undefined {
  const paths = bindings.parse('ProjectionExpression', input)?.map((path) => bindings.path(path));
  if (paths !== undefined) checkPaths('ProjectionExpression', paths);
  return paths;
}

export async function putItem(context: Context, input: Input, usage: Usage): Promise<string> {
  const returns = oneOf(input, 'ReturnValues', RETURN_VALUES, 'NONE');
  if (returns !== 'NONE' && returns !== 'ALL_OLD') {
    throw validation('ReturnValues can only be ALL_OLD or NONE');
  }
  return await runAction(context, input, usage, preparePut(context, input), returns);
}

export async function deleteItem(context: Context, input: Input, usage: Usage): Promise<string> {
  const returns = oneOf(input, 'ReturnValues', RETURN_VALUES, 'NONE');
  if (returns !== 'NONE' && returns !== 'ALL_OLD') {
    throw validation('ReturnValues can only be ALL_OLD or NONE');
  }
  return await runAction(context, input, usage, prepareDelete(context, input), returns);
}

export async function updateItem(context: Context, input: Input, usage: Usage): Promise<string> {
  const returns = oneOf(input, 'ReturnValues', RETURN_VALUES, 'NONE');
  return await runAction(context, input, usage, prepareUpdate(context, input), returns);
}

export function preparePut(context: Context, input: Input): Action {
  refuseLegacy(input);
  const table = context.tables.get(tableName(input));
  const { bindings, condition } = readCondition(input);
  bindings.finish();
  const item = checkItem(requiredObject(input, 'Item'));
  const key = keyOfItem(table.definition.schema, item);
  const size = checkNewItem(table, item, 'Item size has exceeded the maximum allowed size');
  return {
    ...baseAction(table, key, item, input, bindings, condition),
    newSize: size,
    change: (old) => ({ table, key, old, item, size }),
  };
}

export function prepareDelete(context: Context, input: Input): Action {
  return prepareKeyed(context, input, (table, key) => (old) => ({
    table,
    key,
    old,
    item: undefined,
    size: 0,
  }));
}

export function prepareCheck(context: Context, input: Input): Action {
  requiredString(input, 'ConditionExpression');
  return prepareKeyed(context, input, () => () => undefined);
}

export function prepareUpdate(context: Context, input: Input): Action {
  refuseLegacy(input);
  const table = context.tables.get(tableName(input));
  const bindings = new Bindings(input);
  const update = bindings.parse('UpdateExpression', input);
  const { condition } = readCondition(input, bindings);
  bindings.finish();
  const keyItem = checkItem(requiredObject(input, 'Key'), 'Key');
  const key = keyOfRequest(table.definition.schema, keyItem);
  const updated = update === undefined ? [] : checkedPaths(table, update, bindings);
  return {
    ...baseAction(table, key, keyItem, input, bindings, condition),
    updated,
    change: (old) => {
      const item = old === undefined ? structuredClone(keyItem) : (JSON.parse(old.item) as Item);
      if (update !== undefined) applyUpdate(update, item, bindings);
      checkNesting(item);
      const tooLarge = 'Item size to update has exceeded the maximum allowed size';
      return { table, key, old, item, size: checkNewItem(table, item, tooLarge) };
    },
  };
}

/** The refusal of a failed condition, with the stored item if it was asked for. */
export function checkAction(action: Action, old: Row | undefined): DynamoError | undefined {
  const { condition, bindings } = action;
  if (condition === undefined) return undefined;
  const item = old === undefined ? {} : (JSON.parse(old.item) as Item);
  if (evaluate(condition, item, bindings)) return undefined;
  return conditionFailed(action.returnOldOnFailure && old !== undefined ? item : undefined);
}

const RETURN_VALUES = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'] as const;
type ReturnValues = (typeof RETURN_VALUES)[number];

async function runAction(
  context: Context,
  input: Input,
  usage: Usage,
  action: Action,
  returns: ReturnValues,
): Promise<string> {
  const capacity = new Capacity('write', input, usage);
  const { name } = action.table.definition;
  noteResource(usage, name, action.hash);
  const old = action.table.rows.get(action.key);
  const refusal = checkAction(action, old);
  if (refusal !== undefined) {
    capacity.add(name, failedCost(old?.size ?? 0, action.newSize));
    throw refusal;
  }
  const change = action.change(old);
  if (change === undefined) throw new Error('a write without a change');
  await context.storage.write(() => {
    const cost = applyChange(change);
    capacity.add(name, cost.table);
    for (const index of cost.indexes) capacity.add(name, index.units, index.name);
  });
  return answer({
    Attributes: returnedAttributes(returns, action, change),
    ConsumedCapacity: capacity.one(),
  });
}

function returnedAttributes(returns: ReturnValues, action: Action, change: Change): RawJson | undefined {
  const { old, item } = change;
  switch (returns) {
    case 'NONE':
      return undefined;
    case 'ALL_OLD':
      return old === undefined ? undefined : new RawJson(old.item);
    case 'ALL_NEW':
      return new RawJson(JSON.stringify(item));
    case 'UPDATED_OLD':
      return old === undefined ? undefined : updatedPart(JSON.parse(old.item) as Item, action);
    case 'UPDATED_NEW':
      return updatedPart(item ?? {}, action);
  }
}

function updatedPart(item: Item, action: Action): RawJson | undefined {
  const part = project(item, action.updated);
  return Object.keys(part).length === 0 ? undefined : new RawJson(JSON.stringify(part));
}

function prepareKeyed(
  context: Context,
  input: Input,
  change: (table: Table, key: Key) => Action['change'],
): Action {
  refuseLegacy(input);
  const table = context.tables.get(tableName(input));
  const { bindings, condition } = readCondition(input);
  bindings.finish();
  const keyItem = checkItem(requiredObject(input, 'Key'), 'Key');
  const key = keyOfRequest(table.definition.schema, keyItem);
  return {
    ...baseAction(table, key, keyItem, input, bindings, condition),
    change: change(table, key),
  };
}

function baseAction(
  table: Table,
  key: Key,
  keyItem: Item,
  input: Input,
  bindings: Bindings,
  condition: Condition | undefined,
): Omit<Action, 'change'> {
  const onFailure = oneOf(input, 'ReturnValuesOnConditionCheckFailure', ['ALL_OLD', 'NONE'], 'NONE');
  return {
    table,
    key,
    hash: member(keyItem, table.definition.schema.hash.name),
    condition,
    bindings,
    returnOldOnFailure: onFailure === 'ALL_OLD',
    newSize: 0,
    updated: [],
  };
}

function readCondition(input: Input, bindings = new Bindings(input)) {
  const condition = bindings.parse('ConditionExpression', input);
  if (condition !== undefined) checkCondition('ConditionExpression', condition, bindings);
  return { bindings, condition };
}

function checkedPaths(table: Table, update: Update, bindings: Bindings): ResolvedPath[] {
  checkUpdate(update, bindings);
  const paths = update.paths.map((path) => bindings.path(path));
  checkPaths('UpdateExpression', paths);
  const keys = keyAttributes(table.definition.schema).map(({ name }) => name);
  const written = paths.find(([first]) => typeof first === 'string' && keys.includes(first));
  if (written !== undefined) {
    throw validation(
      `One or more parameter values were invalid: Cannot update attribute ${String(written[0])}. This attribute is part of the key`,
    );
  }
  return paths;
}
