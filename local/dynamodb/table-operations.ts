/**
 * CreateTable, DescribeTable, ListTables, DeleteTable and the TTL settings. Tables are
 * ready at once, so a new one is CREATING only in the answer that creates it.
 */
import type { Usage } from '../types.ts';
import { answer, type Context } from './context.ts';
import { readDefinition } from './definition.ts';
import { describeTable } from './describe.ts';
import { validation } from './errors.ts';
import {
  constraint,
  type Input,
  missing,
  optionalInteger,
  optionalString,
  requiredObject,
  requiredString,
  tableName,
} from './input.ts';
import type { Item } from './values.ts';
import { expiryOf } from './write-item.ts';

const MAX_LISTED = 100;

export async function createTable(context: Context, input: Input, usage: Usage): Promise<string> {
  const definition = readDefinition(input);
  usage.resource = definition.name;
  const table = await context.tables.create({
    ...definition,
    tableId: context.newId(),
    createdAtMs: context.clock.now(),
  });
  return answer({ TableDescription: describeTable(context, table, 'CREATING') });
}

export async function describeTableOperation(context: Context, input: Input, usage: Usage): Promise<string> {
  const table = context.tables.named(tableName(input));
  usage.resource = table.definition.name;
  const description = describeTable(context, table, 'ACTIVE');
  await context.storage.settled();
  return answer({ Table: description });
}

export async function deleteTable(context: Context, input: Input, usage: Usage): Promise<string> {
  const name = tableName(input);
  usage.resource = name;
  const table = await context.tables.delete(name);
  return answer({ TableDescription: describeTable(context, table, 'DELETING') });
}

export async function listTables(context: Context, input: Input): Promise<string> {
  const limit = optionalInteger(input, 'Limit') ?? MAX_LISTED;
  if (limit < 1) throw constraint(limit, 'Limit', 'Member must have value greater than or equal to 1');
  if (limit > MAX_LISTED) {
    throw constraint(limit, 'Limit', `Member must have value less than or equal to ${String(MAX_LISTED)}`);
  }
  const start = optionalString(input, 'ExclusiveStartTableName');
  const names = context.tables.names().filter((name) => start === undefined || name > start);
  const page = names.slice(0, limit);
  await context.storage.settled();
  return answer({
    TableNames: page,
    LastEvaluatedTableName: names.length > limit ? page.at(-1) : undefined,
  });
}

export async function updateTimeToLive(context: Context, input: Input, usage: Usage): Promise<string> {
  const table = context.tables.named(tableName(input));
  usage.resource = table.definition.name;
  const specification = requiredObject(input, 'TimeToLiveSpecification');
  const attribute = requiredString(specification, 'AttributeName');
  const enabled = specification.Enabled;
  if (typeof enabled !== 'boolean') throw missing('TimeToLiveSpecification.enabled');
  const current = table.definition.ttlAttribute;
  if (enabled && current === attribute) throw validation('TimeToLive is already enabled');
  if (enabled && current !== undefined) {
    throw validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`,
    );
  }
  if (!enabled && current === undefined) throw validation('TimeToLive is already disabled');
  if (!enabled && current !== attribute) {
    throw validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${String(current)}`,
    );
  }
  const ttlAttribute = enabled ? attribute : undefined;
  await context.tables.redefine(table, { ...table.definition, ttlAttribute }, () => {
    table.rows.resetExpiry((item) => expiryOf(ttlAttribute, JSON.parse(item) as Item));
  });
  return answer({ TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } });
}

export async function describeTimeToLive(context: Context, input: Input, usage: Usage): Promise<string> {
  const table = context.tables.named(tableName(input));
  usage.resource = table.definition.name;
  const { ttlAttribute } = table.definition;
  await context.storage.settled();
  return answer({
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute },
  });
}
