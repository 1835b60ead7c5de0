/**
 * For tests only: the real SDK client on an embedded DynamoDB without sockets, or on the
 * endpoint that POSTFOLD_TEST_AWS_ENDPOINT names, so that one test suite asks both.
 */

import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpHandlerOptions, HttpRequest } from '@smithy/types';
import { Storage } from '../../storage.ts';
import type { Clock, Service, Usage } from '../../types.ts';
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
  readonly clock: TestClock;
  close(): Promise<void>;
}

/** A clock that stands still until a test moves it; timers due are run by `advance`. */
export class TestClock implements Clock {
  nowMs = Date.UTC(2026, 10, 23);
  readonly #timers = new Map<object, { readonly atMs: number; readonly callback: () => void }>();

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = {};
    this.#timers.set(timer, { atMs: this.nowMs + delayMs, callback });
    return () => this.#timers.delete(timer);
  }

  advance(byMs: number): void {
    this.nowMs += byMs;
    for (const [timer, { atMs, callback }] of [...this.#timers]) {
      if (atMs <= this.nowMs && this.#timers.delete(timer)) callback();
    }
  }
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
  const clock = new TestClock();
  const service = createDynamoDb({ storage, clock });
  const usages: Usage[] = [];
  const client = new DynamoDBClient({
    endpoint: 'http://embedded.invalid',
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    requestHandler: {
      handle: (request: HttpRequest, _options?: HttpHandlerOptions) =>
        answerRequest(service, request, usages),
    },
  });
  return { client, service, usages, clock, close: () => storage.close() };
}

async function answerRequest(service: Service, request: HttpRequest, usages: Usage[]) {
  const usage = emptyUsage();
  usages.push(usage);
  const { status, headers, body } = await service.handle(
    {
      method: request.method,
      path: request.path,
      query: new URLSearchParams(),
      headers: lowerCased(request.headers),
      body: bodyBytes(request.body),
    },
    usage,
  );
  const stream = body instanceof Uint8Array ? Readable.from([body]) : Readable.from(body);
  return { response: new HttpResponse({ statusCode: status, headers: { ...headers }, body: stream }) };
}

function bodyBytes(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : Buffer.from(String(body), 'utf8');
}

export function emptyUsage(): Usage {
  return {
    operation: '',
    resource: '',
    tenant: '',
    writeUnits: 0,
    readUnits: 0,
    requests: 1,
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 0,
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
