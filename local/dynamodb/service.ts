/**
 * The embedded DynamoDB: AWS JSON 1.0 requests in, answers out. Finds the operation by
 * `x-amz-target`; what it does not know it refuses as AWS refuses an unknown operation.
 */
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { BodyTooLarge, collect, NO_BYTES, utf8 } from '../bytes.ts';
import type { Storage } from '../storage.ts';
import type { AwsRequest, AwsResponse, Clock, Service, Usage } from '../types.ts';
import { batchGetItem, batchWriteItem } from './batch.ts';
import type { Context } from './context.ts';
import { DynamoError, errorBody, serialization, validation } from './errors.ts';
import type { Input } from './input.ts';
import { deleteItem, getItem, putItem, updateItem } from './items.ts';
import { query, scan } from './query.ts';
import {
  createTable,
  deleteTable,
  describeTableOperation,
  describeTimeToLive,
  listTables,
  updateTimeToLive,
} from './table-operations.ts';
import { Tables } from './tables.ts';
import { Tokens } from './tokens.ts';
import { transactGetItems, transactWriteItems } from './transact.ts';
import { sweepExpired } from './ttl.ts';
import { isObject } from './values.ts';

/** AWS refuses larger requests; BatchWriteItem and transactions stay well below. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export interface DynamoDbOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  /** For ARNs only. */
  readonly region?: string;
  readonly accountId?: string;
  /** A fresh UUID, for table and request ids. */
  readonly newId?: () => string;
}

type Operation = (context: Context, input: Input, usage: Usage) => Promise<string>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateTable: createTable,
  DescribeTable: describeTableOperation,
  ListTables: listTables,
  DeleteTable: deleteTable,
  UpdateTimeToLive: updateTimeToLive,
  DescribeTimeToLive: describeTimeToLive,
  GetItem: getItem,
  PutItem: putItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
  Query: query,
  Scan: scan,
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  TransactWriteItems: transactWriteItems,
  TransactGetItems: transactGetItems,
};

const TARGET_PREFIX = 'DynamoDB_20120810.';

/** The service, and the one thing that happens without a request. */
export interface DynamoDb extends Service {
  /** Deletes the items whose TTL has passed; resolves with their number when that is durable. */
  sweepExpired(): Promise<number>;
}

/** Opens the embedded DynamoDB on a storage, with the tables that are already there. */
export function createDynamoDb(options: DynamoDbOptions): DynamoDb {
  const { storage, clock, region = 'us-east-1', accountId = '000000000000', newId = randomUUID } = options;
  const tables = new Tables(storage);
  const tokens = new Tokens(storage.db);
  const context: Context = { storage, clock, tables, tokens, region, accountId, newId };
  return {
    name: 'dynamodb',
    handle: (request, usage) => handle(context, request, usage),
    sweepExpired: () => sweepExpired(context),
  };
}

async function handle(context: Context, request: AwsRequest, usage: Usage): Promise<AwsResponse> {
  try {
    const text = await perform(context, request, usage);
    return request.input === undefined ? respond(context, usage, 200, text) : inProcess(usage, text);
  } catch (error) {
    if (!(error instanceof DynamoError)) throw error;
    // A refusal tells of stored state (ALL_OLD): that must be durable before it is told.
    await context.storage.settled();
    return respond(context, usage, 400, errorBody(error));
  }
}

async function perform(context: Context, request: AwsRequest, usage: Usage): Promise<string> {
  const target = request.headers['x-amz-target'] ?? '';
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) {
    throw new DynamoError('UnknownOperationException', `The operation ${target} is not known here`);
  }
  usage.operation = name;
  return await operation(context, request.input ?? (await readInput(request.body, usage)), usage);
}

async function readInput(body: AwsRequest['body'], usage: Usage): Promise<Input> {
  const octets = await readBody(body);
  usage.bytesIn = octets.byteLength;
  return parseBody(octets);
}

async function readBody(body: AwsRequest['body']): Promise<Uint8Array> {
  try {
    return await collect(body, MAX_REQUEST_BYTES);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw validation(`Request size exceeds the maximum of ${String(MAX_REQUEST_BYTES)} bytes`);
  }
}

function parseBody(body: Uint8Array): Input {
  let input: unknown;
  try {
    input = JSON.parse(utf8(body));
  } catch {
    throw serialization('The request body is not JSON');
  }
  if (!isObject(input)) throw serialization('The request body is not a JSON object');
  return input;
}

/** Without what a wire needs: headers and a checksum. */
function inProcess(usage: Usage, text: string): AwsResponse {
  usage.bytesOut = Buffer.byteLength(text);
  return { status: 200, headers: {}, body: NO_BYTES, text };
}

function respond(context: Context, usage: Usage, status: number, text: string): AwsResponse {
  const body = Buffer.from(text, 'utf8');
  usage.bytesOut = body.length;
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(body.length),
      'x-amz-crc32': String(crc32(body)),
      'x-amzn-requestid': context.newId(),
    },
    body,
  };
}
