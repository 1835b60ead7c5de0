/**
 * TransactWriteItems and TransactGetItems: all or nothing. Every check of every action
 * runs before the first row is written; one process writes at a time, so transactions never
 * conflict here (AWS's TransactionConflict comes from the fault injector if wanted).
 */
import type { Usage } from '../types.ts';
import { itemIdentity } from './batch.ts';
import { Capacity, readUnits, writeUnits } from './capacity.ts';
import { answer, type Context, noteResource, RawJson } from './context.ts';
import { DynamoError, validation } from './errors.ts';
import { Bindings } from './expression/bindings.ts';
import {
  constraint,
  type Input,
  missing,
  optionalObject,
  optionalObjects,
  optionalString,
  refuseLegacy,
  requiredObject,
  tableName,
} from './input.ts';
import {
  type Action,
  checkAction,
  prepareCheck,
  prepareDelete,
  preparePut,
  prepareUpdate,
  projectionPaths,
  shownItem,
} from './items.ts';
import { type Key, keyOfRequest } from './keys.ts';
import type { Row } from './rows.ts';
import type { Table } from './tables.ts';
import { requestDigest } from './tokens.ts';
import { checkItem, member } from './values.ts';
import { applyChange, type Change, failedCost } from './write-item.ts';

export const MAX_TRANSACTION_ACTIONS = 100;
export const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

const PREPARE: Readonly<Record<string, (context: Context, input: Input) => Action>> = {
  Put: preparePut,
  Update: prepareUpdate,
  Delete: prepareDelete,
  ConditionCheck: prepareCheck,
};

/** One action after all its checks: what it will change, or why it cannot. */
interface Outcome {
  readonly action: Action;
  readonly old: Row | undefined;
  readonly change: Change | undefined;
  readonly refusal: DynamoError | undefined;
}

export async function transactWriteItems(context: Context, input: Input, usage: Usage): Promise<string> {
  const items = readItems(input);
  const token = readToken(input);
  const actions = items.map((item) => prepareAction(context, item));
  const digest = requestDigest(items);
  refuseRepeated(actions);
  const [first] = actions;
  if (first !== undefined) noteResource(usage, first.table.definition.name, first.hash);
  if (token !== undefined && context.tokens.isDone(token, digest, context.clock.now())) {
    return await answerAgain(context, input, usage, actions);
  }
  const capacity = new Capacity('write', input, usage, true);
  const outcomes = actions.map(judge);
  refuseTooLarge(outcomes);
  if (outcomes.some(({ refusal }) => refusal !== undefined)) {
    for (const { action, old } of outcomes) {
      capacity.add(action.table.definition.name, 2 * failedCost(old?.size ?? 0, action.newSize));
    }
    throw cancelled(outcomes.map(({ refusal }) => refusal));
  }
  await context.storage.write(() => {
    for (const outcome of outcomes) applyOutcome(outcome, capacity);
    if (token !== undefined) context.tokens.remember(token, digest, context.clock.now());
  });
  return answer({ ConsumedCapacity: capacity.many() });
}

export async function transactGetItems(context: Context, input: Input, usage: Usage): Promise<string> {
  const capacity = new Capacity('read', input, usage, true);
  const gets = readItems(input).map((item) => prepareGet(context, requiredObject(item, 'Get')));
  refuseRepeated(gets);
  const [first] = gets;
  if (first !== undefined) noteResource(usage, first.table.definition.name, first.hash);
  let bytes = 0;
  const responses = gets.map(({ table, key, paths }) => {
    const row = table.rows.get(key);
    bytes += row?.size ?? 0;
    capacity.add(table.definition.name, readUnits(row?.size ?? 0, 'transactional'));
    return row === undefined ? '{}' : `{"Item":${shownItem(row, paths).text}}`;
  });
  if (bytes > MAX_TRANSACTION_BYTES) throw tooLarge();
  await context.storage.settled();
  return answer({
    Responses: new RawJson(`[${responses.join(',')}]`),
    ConsumedCapacity: capacity.many(),
  });
}

function readItems(input: Input): Input[] {
  const items = optionalObjects(input, 'TransactItems');
  if (items === undefined) throw missing('TransactItems');
  if (items.length === 0) {
    throw constraint('[]', 'TransactItems', 'Member must have length greater than or equal to 1');
  }
  if (items.length > MAX_TRANSACTION_ACTIONS) {
    throw constraint('[...]', 'TransactItems', 'Member must have length less than or equal to 100');
  }
  return items;
}

function readToken(input: Input): string | undefined {
  const token = optionalString(input, 'ClientRequestToken');
  if (token !== undefined && (token.length < 1 || token.length > 36)) {
    throw constraint(token, 'ClientRequestToken', 'Member must have length between 1 and 36');
  }
  return token;
}

function prepareAction(context: Context, item: Input): Action {
  const named = Object.entries(PREPARE).filter(([name]) => optionalObject(item, name) !== undefined);
  const [only, ...others] = named;
  if (only === undefined || others.length > 0) {
    throw validation('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const [name, prepare] = only;
  return prepare(context, requiredObject(item, name));
}

function prepareGet(context: Context, input: Input) {
  refuseLegacy(input);
  const table = context.tables.get(tableName(input));
  const bindings = new Bindings(input);
  const paths = projectionPaths(input, bindings);
  bindings.finish();
  const keyItem = checkItem(requiredObject(input, 'Key'), 'Key');
  const { schema } = table.definition;
  return { table, paths, key: keyOfRequest(schema, keyItem), hash: member(keyItem, schema.hash.name) };
}

function refuseRepeated(operations: readonly { table: Table; key: Key }[]): void {
  const identities = new Set(operations.map(({ table, key }) => itemIdentity(table, key)));
  if (identities.size < operations.length) {
    throw validation('Transaction request cannot include multiple operations on one item');
  }
}

function judge(action: Action): Outcome {
  const old = action.table.rows.get(action.key);
  const refusal = checkAction(action, old);
  if (refusal !== undefined) return { action, old, change: undefined, refusal };
  try {
    return { action, old, change: action.change(old), refusal: undefined };
  } catch (error) {
    if (!(error instanceof DynamoError)) throw error;
    return { action, old, change: undefined, refusal: error };
  }
}

function refuseTooLarge(outcomes: readonly Outcome[]): void {
  const bytes = outcomes.reduce((sum, { change }) => sum + (change?.size ?? 0), 0);
  if (bytes > MAX_TRANSACTION_BYTES) throw tooLarge();
}

function tooLarge(): DynamoError {
  return validation('The aggregate size of the items in the transaction exceeds 4 MB');
}

function applyOutcome({ action, old, change }: Outcome, capacity: Capacity): void {
  const { name } = action.table.definition;
  if (change === undefined) {
    capacity.add(name, 2 * writeUnits(old?.size ?? 0));
    return;
  }
  const cost = applyChange(change);
  capacity.add(name, 2 * cost.table);
  // Indexes follow the commit outside the transaction, at the plain price.
  for (const index of cost.indexes) capacity.add(name, index.units, index.name);
}

/** A repeated request costs reads of the items it once wrote. */
async function answerAgain(
  context: Context,
  input: Input,
  usage: Usage,
  actions: readonly Action[],
): Promise<string> {
  const capacity = new Capacity('read', input, usage, true);
  for (const { table, key } of actions) {
    capacity.add(table.definition.name, readUnits(table.rows.get(key)?.size ?? 0, 'transactional'));
  }
  await context.storage.settled();
  return answer({ ConsumedCapacity: capacity.many() });
}

function cancelled(refusals: readonly (DynamoError | undefined)[]): DynamoError {
  const reasons = refusals.map((refusal) =>
    refusal === undefined
      ? { Code: 'None' }
      : { Code: reasonCode(refusal), Message: refusal.message, ...refusal.details },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new DynamoError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

function reasonCode(refusal: DynamoError): string {
  return refusal.code === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError';
}
