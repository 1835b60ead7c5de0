/** For tests only: tables as the contract tests use them, under names no other run uses. */
import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

export type TestItem = Record<string, AttributeValue>;

let created = 0;

/** Creates a table with `pk` (S) and, unless `range` is null, `sk` of that type; resolves with its name. */
export async function createTable(
  client: DynamoDBClient,
  range: 'S' | 'N' | 'B' | null = 'N',
  more: Partial<CreateTableCommandInput> = {},
): Promise<string> {
  created += 1;
  const TableName = `contract-${String(process.pid)}-${String(created)}`;
  const { AttributeDefinitions = [], ...rest } = more;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        ...(range === null ? [] : [{ AttributeName: 'sk', AttributeType: range } as const]),
        ...AttributeDefinitions,
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        ...(range === null ? [] : [{ AttributeName: 'sk', KeyType: 'RANGE' } as const]),
      ],
      ...rest,
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 2 }, { TableName });
  return TableName;
}

/** Runs a request that must be refused, and returns the refusal as `Code: message`. */
export async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    throw error;
  }
  return 'not refused';
}
