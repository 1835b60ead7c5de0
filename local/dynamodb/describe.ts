/**
 * How a table and its parts appear in answers: TableDescription and its members. Reads
 * definitions and totals; changes nothing.
 */
import type { Context } from './context.ts';
import type { IndexDefinition } from './definition.ts';
import { type KeySchema, keyAttributes } from './keys.ts';
import type { Table } from './tables.ts';

/** The TableDescription of a table in the given status. */
export function describeTable(
  context: Context,
  table: Table,
  status: 'ACTIVE' | 'CREATING' | 'DELETING',
): Record<string, unknown> {
  const { definition } = table;
  const { count, bytes } =
    status === 'ACTIVE' ? table.rows.totals(undefined, context.clock.now()) : { count: 0, bytes: 0 };
  const attributes = new Map(
    [definition.schema, ...definition.indexes]
      .flatMap(keyAttributes)
      .map(({ name, type }) => [name, { AttributeName: name, AttributeType: type }]),
  );
  return {
    AttributeDefinitions: [...attributes.values()],
    TableName: definition.name,
    KeySchema: describeKeys(definition.schema),
    TableStatus: status,
    CreationDateTime: definition.createdAtMs / 1000,
    ProvisionedThroughput: NO_THROUGHPUT,
    TableSizeBytes: bytes,
    ItemCount: count,
    TableArn: tableArn(context, definition.name),
    TableId: definition.tableId,
    ...(definition.billingMode === 'PAY_PER_REQUEST' && {
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    }),
    ...(definition.indexes.length > 0 && {
      GlobalSecondaryIndexes: definition.indexes.map((index, at) =>
        describeIndex(context, table, index, at, status),
      ),
    }),
    DeletionProtectionEnabled: definition.deletionProtection,
  };
}

export function tableArn(context: Context, name: string): string {
  return `arn:aws:dynamodb:${context.region}:${context.accountId}:table/${name}`;
}

const NO_THROUGHPUT = { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

function describeIndex(
  context: Context,
  table: Table,
  index: IndexDefinition,
  at: number,
  status: string,
): unknown {
  const { count, bytes } =
    status === 'ACTIVE' ? table.rows.totals(at, context.clock.now()) : { count: 0, bytes: 0 };
  return {
    IndexName: index.name,
    KeySchema: describeKeys(index),
    Projection: {
      ProjectionType: index.projection,
      ...(index.projection === 'INCLUDE' && { NonKeyAttributes: index.attributes }),
    },
    IndexStatus: status,
    ProvisionedThroughput: NO_THROUGHPUT,
    IndexSizeBytes: bytes,
    ItemCount: count,
    IndexArn: `${tableArn(context, table.definition.name)}/index/${index.name}`,
  };
}

function describeKeys(schema: KeySchema): unknown[] {
  const [hash, range] = keyAttributes(schema);
  return [
    { AttributeName: hash?.name, KeyType: 'HASH' },
    ...(range === undefined ? [] : [{ AttributeName: range.name, KeyType: 'RANGE' }]),
  ];
}
