/**
 * The five tables and the bucket, by a common prefix: their names, their keys, and how to
 * make them where nothing deploys them (one machine, tests). lib/ deploys the same on AWS.
 */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

export interface TableNames {
  readonly routes: string;
  readonly directory: string;
  readonly log: string;
  readonly messages: string;
  readonly outbound: string;
}

/** `<prefix>Routes` and so on; the prefix may be empty. */
export function tableNames(prefix: string): TableNames {
  return {
    routes: `${prefix}Routes`,
    directory: `${prefix}Directory`,
    log: `${prefix}Log`,
    messages: `${prefix}Messages`,
    outbound: `${prefix}Outbound`,
  };
}

type KeyType = 'S' | 'N';
type KeyPair = readonly [name: string, type: KeyType];

export interface TableDefinition {
  readonly table: keyof TableNames;
  readonly partitionKey: KeyPair;
  readonly sortKey?: KeyPair;
  readonly index?: { readonly name: string; readonly partitionKey: KeyPair; readonly sortKey: KeyPair };
  /** Seconds since the epoch, on items that may vanish then. Log has none: docs/log.md, "Retention". */
  readonly ttlAttribute?: string;
}

export const tableDefinitions: readonly TableDefinition[] = [
  { table: 'routes', partitionKey: ['address', 'S'] },
  {
    table: 'directory',
    partitionKey: ['tenant', 'S'],
    sortKey: ['item', 'S'],
    ttlAttribute: 'expiresAt',
  },
  { table: 'log', partitionKey: ['account', 'S'], sortKey: ['modSeq', 'N'] },
  { table: 'messages', partitionKey: ['account', 'S'], sortKey: ['messageId', 'S'] },
  {
    table: 'outbound',
    partitionKey: ['tenant', 'S'],
    sortKey: ['jobId', 'S'],
    index: { name: 'due', partitionKey: ['dueShard', 'S'], sortKey: ['dueAtMs', 'N'] },
    ttlAttribute: 'ttl',
  },
];

/** Makes the tables that are missing; on demand, as deployed. */
export async function ensureTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  await Promise.all(
    tableDefinitions.map((definition) => ensureTable(client, definition, names[definition.table])),
  );
}

async function ensureTable(
  client: DynamoDBClient,
  definition: TableDefinition,
  TableName: string,
): Promise<void> {
  try {
    await client.send(new CreateTableCommand(createInput(definition, TableName)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    return;
  }
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName });
  if (definition.ttlAttribute === undefined) return;
  const TimeToLiveSpecification = { Enabled: true, AttributeName: definition.ttlAttribute };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

function createInput(
  { partitionKey, sortKey, index }: TableDefinition,
  TableName: string,
): CreateTableCommandInput {
  const pairs = [partitionKey, sortKey, index?.partitionKey, index?.sortKey].filter(
    (pair) => pair !== undefined,
  );
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: pairs.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(partitionKey, sortKey),
    ...(index === undefined ? {} : { GlobalSecondaryIndexes: [gsi(index)] }),
  };
}

function gsi({ name, partitionKey, sortKey }: NonNullable<TableDefinition['index']>) {
  const KeySchema = keySchema(partitionKey, sortKey);
  return { IndexName: name, KeySchema, Projection: { ProjectionType: 'KEYS_ONLY' as const } };
}

function keySchema(partitionKey: KeyPair, sortKey: KeyPair | undefined) {
  const hash = { AttributeName: partitionKey[0], KeyType: 'HASH' as const };
  return sortKey === undefined ? [hash] : [hash, { AttributeName: sortKey[0], KeyType: 'RANGE' as const }];
}

/** Makes the bucket if it is missing. */
export async function ensureBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
}

/**
 * Has the bucket encrypt what is put there from now on as the deployed one does (lib/storage.ts), but under
 * the account's own key: SSE-KMS with a bucket key. Its objects have ETags that are no MD5.
 */
export async function encryptBucket(client: S3Client, bucket: string): Promise<void> {
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms' as const };
  const rule = { ApplyServerSideEncryptionByDefault, BucketKeyEnabled: true };
  const ServerSideEncryptionConfiguration = { Rules: [rule] };
  await client.send(new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration }));
}
