/**
 * A directory for tests: the real stores and use cases on an embedded DynamoDB in memory,
 * with a clock that stands still and account ids that count.
 */
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import type { AccountId, AccountKey } from '../../core/mail/ids.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import type { Provision } from '../../core/service/provision/context.ts';
import type { Outcome } from '../../core/service/provision/outcome.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { openDynamo } from '../../local/dynamodb/test-support/client.ts';

const tables = { routes: 'Routes', directory: 'Directory' };

export async function openDirectory() {
  const dynamo = openDynamo();
  await createTables(dynamo.client);
  const store = new DynamoDirectoryStore(dynamo.client, tables, randomUUID);
  const clock = { nowMs: 1_800_000_000_000 };
  const now = () => clock.nowMs;
  const opened: AccountKey[] = [];
  let ids = 0;
  const provision: Provision = {
    store,
    now,
    newAccountId: () => `a${++ids}` as AccountId,
    openLog: async (account) => void opened.push(account),
  };
  const directory = new StoredDirectory(store, new PasswordVerifier(now), now);
  return { dynamo, store, clock, provision, directory, opened };
}

export type TestDirectory = Awaited<ReturnType<typeof openDirectory>>;

/** The value, or an error with the refusal. */
export function done<Value>(outcome: Outcome<Value>): Value {
  if ('refused' in outcome) throw new Error(outcome.refused);
  return outcome.done;
}

/** The refusal's sentence, or an error. */
export function refusal(outcome: Outcome<unknown>): string {
  if ('refused' in outcome) return outcome.refused;
  throw new Error('it was not refused');
}

async function createTables(client: DynamoDBClient): Promise<void> {
  await createTable(client, tables.routes, ['address']);
  await createTable(client, tables.directory, ['tenant', 'item']);
}

async function createTable(client: DynamoDBClient, TableName: string, keys: readonly string[]) {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    }),
  );
}
