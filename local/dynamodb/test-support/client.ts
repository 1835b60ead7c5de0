/**
 * For tests only: the real SDK client on an embedded DynamoDB without sockets, or on the
 * endpoint that POSTFOLD_TEST_AWS_ENDPOINT names, so that one test suite asks both.
 */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FakeClock } from '../../fake-clock.ts';
import { newUsage } from '../../meter.ts';
import { createRequestHandler } from '../../request-handler.ts';
import { Storage } from '../../storage.ts';
import type { Usage } from '../../types.ts';
import { createDynamoDb, type DynamoDb } from '../service.ts';

export interface TestDynamo {
  readonly client: DynamoDBClient;
  /** Undefined when another endpoint is tested. */
  readonly embedded: Embedded | undefined;
  close(): Promise<void>;
}

export interface Embedded {
  readonly client: DynamoDBClient;
  readonly service: DynamoDb;
  readonly usages: Usage[];
  readonly clock: FakeClock;
  close(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** For contract tests: embedded, or the endpoint of the environment. */
export function openDynamo(): TestDynamo {
  const endpoint = process.env.POSTFOLD_TEST_AWS_ENDPOINT;
  if (endpoint === undefined) {
    const embedded = openEmbedded();
    return { client: embedded.client, embedded, close: () => embedded.close() };
  }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS });
  return { client, embedded: undefined, close: async () => client.destroy() };
}

/** An embedded DynamoDB on a database file, or in memory. */
export function openEmbedded(path = ':memory:'): Embedded {
  const storage = new Storage(path);
  const clock = new FakeClock();
  const service = createDynamoDb({ storage, clock });
  const usages: Usage[] = [];
  const requestHandler = createRequestHandler((request) => {
    const usage = newUsage('');
    usages.push(usage);
    return service.handle(request, usage);
  });
  const client = new DynamoDBClient({
    endpoint: 'http://embedded.invalid',
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    requestHandler,
  });
  return { client, service, usages, clock, close: () => storage.close() };
}
