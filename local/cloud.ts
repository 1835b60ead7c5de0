/**
 * The embedded AWS in one object: S3, DynamoDB, SQS and Lambda on one database, spoken to
 * in-process or over HTTP, metered, and broken on demand. It knows nothing of who uses it.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { discard } from './bytes.ts';
import { sleep, systemClock } from './clock.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/service.ts';
import {
  ConnectionBroken,
  conflictResponse,
  internalErrorResponse,
  throttleResponse,
} from './fault-response.ts';
import { type BreakingFault, Faults } from './faults.ts';
import { type Listening, type ListenOptions, listenHttp } from './http-server.ts';
import { type Identity, identify } from './identify.ts';
import { jsonResponse } from './json-protocol.ts';
import { AsyncInvocations, type DroppedEvent } from './lambda/async-invocations.ts';
import {
  Functions,
  type Invocation,
  type LambdaFunction,
  type LambdaHandler,
  type LambdaOptions,
} from './lambda/functions.ts';
import { invokeRequest, type QueueMapping, QueueSource } from './lambda/queue-source.ts';
import { type Schedule, Schedules } from './lambda/schedules.ts';
import { createLambda } from './lambda/service.ts';
import { lockFolder } from './lock.ts';
import { Meter, newUsage, TAG_HEADER } from './meter.ts';
import { createRequestHandler, type InProcessHandler } from './request-handler.ts';
import { createS3 } from './s3/service.ts';
import { createSqs, type Sqs } from './sqs/service.ts';
import { Storage } from './storage.ts';
import type { AwsRequest, AwsResponse, Clock, Service, Usage } from './types.ts';

export type { LambdaContext, LambdaFunction, LambdaHandler, LambdaOptions } from './lambda/functions.ts';
export type { QueueMapping } from './lambda/queue-source.ts';

export interface CloudOptions {
  /** Folder of all data, created when missing; in memory when left out. One process at a time. */
  readonly dataDir?: string | undefined;
  readonly clock?: Clock;
  readonly functions?: Readonly<Record<string, LambdaFunction>>;
  /** Of the injected faults. */
  readonly seed?: number;
  /** Hears of bugs of the emulator and of event invocations given up; prints to stderr when left out. */
  readonly onProblem?: (problem: string, cause?: unknown) => void;
}

/** DynamoDB deletes expired items some time after their TTL; here within this. */
const TTL_SWEEP_MS = 600_000;
/** How long `close` waits for running functions. */
const DRAIN_MS = 10_000;

export async function openCloud(options: CloudOptions = {}): Promise<Cloud> {
  const cloud = new Cloud(options);
  for (const [name, each] of Object.entries(options.functions ?? {}))
    cloud.registerFunction(name, each.handler, each);
  cloud.resume();
  return cloud;
}

export class Cloud {
  readonly meter = new Meter();
  readonly faults: Faults;
  /** Give it to any SDK v3 client as `requestHandler`. */
  readonly requestHandler: InProcessHandler;
  readonly clock: Clock;
  readonly #unlock: () => void;
  readonly #storage: Storage;
  readonly #functions: Functions;
  readonly #events: AsyncInvocations;
  readonly #schedules: Schedules;
  readonly #services: Readonly<Record<Service['name'], Service>>;
  readonly #sqs: Sqs;
  readonly #dynamodb: DynamoDb;
  #sweptMs: number;
  readonly #sources: QueueSource[] = [];
  readonly #listening: Listening[] = [];
  readonly #onProblem: (problem: string, cause?: unknown) => void;

  constructor({ dataDir, clock = systemClock, seed = 1, onProblem = printProblem }: CloudOptions) {
    this.#unlock = dataDir === undefined ? () => {} : lockFolder(dataDir);
    this.clock = clock;
    this.#onProblem = onProblem;
    this.#storage = new Storage(dataDir === undefined ? ':memory:' : join(dataDir, 'aws.db'));
    this.faults = new Faults(seed);
    this.#functions = new Functions(clock);
    const storage = this.#storage;
    this.#events = new AsyncInvocations({
      storage,
      clock,
      functions: this.#functions,
      ran: (name, invocation) => this.#meterEvent(name, invocation),
      onDropped: (dropped) => this.#reportDropped(dropped),
      onProblem,
    });
    this.#schedules = new Schedules(clock, (name, input) => this.#invokeScheduled(name, input));
    this.#sqs = createSqs({ storage, clock, duplicates: () => this.faults.duplicates() });
    this.#dynamodb = createDynamoDb({ storage, clock });
    this.#services = {
      s3: createS3({ storage, clock, dataDir }),
      dynamodb: this.#dynamodb,
      sqs: this.#sqs,
      lambda: createLambda(this.#functions, this.#events),
    };
    this.requestHandler = createRequestHandler((request) => this.dispatch(request));
    this.#sweptMs = clock.now();
  }

  /**
   * Settings for an SDK v3 client in this process: no socket, and no signatures, which
   * nobody would check and which cost more than the request itself.
   */
  get clientConfig() {
    return {
      region: 'us-east-1',
      endpoint: 'http://localhost',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      signer: { sign: async <T>(request: T): Promise<T> => request },
      requestHandler: this.requestHandler,
    };
  }

  /**
   * Answers one request; all that it changed is durable then.
   * @throws ConnectionBroken when a fault took the answer
   */
  async dispatch(request: AwsRequest): Promise<AwsResponse> {
    const identity = identify(request);
    if (!identity) return unknownTarget();
    this.#sweepNowAndThen();
    const fault = this.faults.draw(identity);
    if (fault.delayMs > 0) await sleep(this.clock, fault.delayMs);
    if (fault.kind === 'timeout') throw new ConnectionBroken('ETIMEDOUT');
    const usage = newUsage(identity.operation);
    const response = await this.#answer(identity, request, usage, fault.kind);
    this.meter.record(identity.service, usage, response.status, request.headers[TAG_HEADER]);
    if (fault.kind === 'lost') {
      discard(response.body);
      throw new ConnectionBroken('ECONNRESET');
    }
    return response;
  }

  /** Serves HTTP/1.1, on loopback and a free port unless told otherwise. */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const listening = await listenHttp((request) => this.dispatch(request), options);
    this.#listening.push(listening);
    return listening;
  }

  /** Adds or replaces a function. */
  registerFunction(name: string, handler: LambdaHandler, options: LambdaOptions = {}): void {
    this.#functions.register(name, { ...options, handler });
  }

  /** Feeds a queue's messages to a function from now on. */
  mapQueueToFunction(mapping: QueueMapping): void {
    const source = new QueueSource(mapping, (request) => this.dispatch(request), this.clock);
    this.#sources.push(source);
    source.start();
  }

  /** Runs a function every `everyMs`, first after one interval. */
  scheduleFunction(schedule: Schedule): void {
    this.#schedules.add(schedule);
  }

  /** Runs every scheduled function once, now; resolves when they have ended. */
  async tickNow(): Promise<void> {
    await this.#schedules.tickNow();
  }

  /** Takes up event invocations that an earlier process stored. */
  resume(): void {
    this.#events.resume();
  }

  /** Stops taking work, waits for running functions up to a bound, and closes the database. */
  async close(): Promise<void> {
    this.#schedules.close();
    const ended = Promise.all([
      ...this.#sources.map((source) => source.close()),
      this.#events.close(),
      this.#functions.drained(),
    ]);
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, DRAIN_MS);
      void ended.finally(() => clearTimeout(giveUp)).then(() => resolve());
    });
    this.#sqs.close();
    await Promise.all(this.#listening.map((each) => each.close()));
    await this.#storage.close();
    this.#unlock();
  }

  /** Rides on requests: an idle cloud has no timer. */
  #sweepNowAndThen(): void {
    const nowMs = this.clock.now();
    if (nowMs - this.#sweptMs < TTL_SWEEP_MS) return;
    this.#sweptMs = nowMs;
    this.#dynamodb
      .sweepExpired()
      .catch((cause) => this.#onProblem('the sweep of expired items failed', cause));
  }

  async #answer(
    identity: Identity,
    request: AwsRequest,
    usage: Usage,
    fault: BreakingFault | undefined,
  ): Promise<AwsResponse> {
    if (fault === 'throttle') {
      // Not billed, also where the answer is a 400.
      usage.requests = 0;
      return throttleResponse(identity);
    }
    if (fault === 'conflict') return conflictResponse(identity);
    if (fault === 'error') return internalErrorResponse(identity);
    try {
      return await this.#services[identity.service].handle(request, usage);
    } catch (cause) {
      // The caller went away while its body was read: nobody is there to be answered.
      if (request.signal?.aborted || isReset(cause)) throw new ConnectionBroken('ECONNRESET', cause);
      this.#onProblem(`${identity.service} ${identity.operation} failed`, cause);
      return internalErrorResponse(identity);
    }
  }

  async #invokeScheduled(functionName: string, input: unknown): Promise<void> {
    const response = await this.dispatch(invokeRequest(functionName, input)).catch((cause) => {
      this.#onProblem(`the scheduled run of ${functionName} failed`, cause);
    });
    const failed =
      response && (response.status >= 400 || response.headers['x-amz-function-error'] !== undefined);
    if (failed) this.#onProblem(`the scheduled run of ${functionName} failed`, bodyText(response));
  }

  #meterEvent(functionName: string, { durationMs, memoryMb, payload }: Invocation): void {
    const usage = newUsage('Invoke');
    Object.assign(usage, { resource: functionName, durationMs, memoryMb, bytesOut: payload.length });
    this.meter.record('lambda', usage, 200);
  }

  #reportDropped({ functionName, requestId, reason }: DroppedEvent): void {
    this.#onProblem(`event ${requestId} for ${functionName} was given up: ${reason.slice(0, 500)}`);
  }
}

function isReset(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET';
}

function unknownTarget(): AwsResponse {
  const message = 'The target names no service of the embedded AWS.';
  const body = { __type: 'com.amazon.coral.service#UnknownOperationException', message };
  const response = jsonResponse(400, body, 'application/x-amz-json-1.0');
  return { ...response, headers: { ...response.headers, 'x-amzn-requestid': randomUUID() } };
}

function bodyText({ body }: AwsResponse): string {
  return body instanceof Uint8Array ? Buffer.from(body).toString('utf8', 0, 500) : '';
}

function printProblem(problem: string, cause?: unknown): void {
  console.error(`embedded AWS: ${problem}`, cause ?? '');
}
