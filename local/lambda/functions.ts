/**
 * The registered functions and their invocations. A function runs in this process, but its
 * event and result pass through JSON and Lambda's limits, so nothing passes here that
 * would not pass there.
 */
import { randomUUID } from 'node:crypto';
import { utf8 } from '../bytes.ts';
import { JsonError } from '../json-protocol.ts';
import type { Clock } from '../types.ts';

export interface LambdaContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

export interface LambdaOptions {
  /** Default 3000, at most 900,000. */
  readonly timeoutMs?: number;
  /** Default 128; prices the duration only. */
  readonly memoryMb?: number;
  /** Invocations at the same time; unlimited when left out, none at 0. */
  readonly reservedConcurrency?: number;
}

export interface LambdaFunction extends LambdaOptions {
  readonly handler: LambdaHandler;
}

export interface Invocation {
  /** JSON: the result, or the error's description. */
  readonly payload: string;
  readonly failed: boolean;
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
}

export const MAX_SYNC_BYTES = 6_291_456;
export const MAX_ASYNC_BYTES = 1_048_576;
const MAX_TIMEOUT_MS = 900_000;

interface Registered {
  readonly name: string;
  readonly handler: LambdaHandler;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly reservedConcurrency: number;
  running: number;
}

export class Functions {
  readonly #clock: Clock;
  readonly #functions = new Map<string, Registered>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds or replaces a function. */
  register(name: string, { handler, timeoutMs, memoryMb, reservedConcurrency }: LambdaFunction): void {
    this.#functions.set(name, {
      name,
      handler,
      timeoutMs: Math.min(timeoutMs ?? 3000, MAX_TIMEOUT_MS),
      memoryMb: memoryMb ?? 128,
      reservedConcurrency: reservedConcurrency ?? Number.POSITIVE_INFINITY,
      running: 0,
    });
  }

  names(): readonly string[] {
    return [...this.#functions.keys()].sort();
  }

  settings(name: string): { readonly timeoutMs: number; readonly memoryMb: number } {
    return this.#get(name);
  }

  /** Runs the function once. @throws JsonError when it cannot be started (unknown, throttled, no JSON) */
  async invoke(name: string, payload: Uint8Array): Promise<Invocation> {
    const registered = this.#get(name);
    if (registered.running >= registered.reservedConcurrency) throw throttled();
    const event = parseEvent(payload);
    registered.running += 1;
    const work = this.#run(registered, event).finally(() => {
      registered.running -= 1;
      this.#running.delete(work);
    });
    this.#running.add(work);
    return work;
  }

  /** Resolves when no function runs any more. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }

  #get(name: string): Registered {
    const registered = this.#functions.get(name);
    if (!registered) {
      throw new JsonError(404, 'ResourceNotFoundException', `Function not found: ${functionArn(name)}`);
    }
    return registered;
  }

  async #run(registered: Registered, event: unknown): Promise<Invocation> {
    const { name, handler, timeoutMs, memoryMb } = registered;
    const requestId = randomUUID();
    const startMs = this.#clock.now();
    const context: LambdaContext = {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn(name),
      memoryLimitInMB: String(memoryMb),
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => Math.max(0, startMs + timeoutMs - this.#clock.now()),
    };
    const outcome = await this.#bounded(() => handler(event, context), timeoutMs, requestId);
    return {
      ...outcome,
      requestId,
      memoryMb,
      durationMs: Math.max(1, Math.ceil(this.#clock.now() - startMs)),
    };
  }

  /** A handler that overruns is left to itself: there is no way to stop it, but nobody waits for it. */
  #bounded(
    work: () => Promise<unknown>,
    timeoutMs: number,
    requestId: string,
  ): Promise<Pick<Invocation, 'payload' | 'failed'>> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const seconds = (timeoutMs / 1000).toFixed(2);
        resolve(
          failure(
            'Sandbox.Timedout',
            `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
          ),
        );
      });
      const attempt = async () => success(await work());
      attempt()
        .catch(described)
        .then((outcome) => {
          cancel();
          resolve(outcome);
        });
    });
  }
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

/** The event a payload holds; no payload is an empty one. @throws JsonError InvalidRequestContentException */
export function parseEvent(payload: Uint8Array): unknown {
  if (payload.byteLength === 0) return {};
  try {
    return JSON.parse(utf8(payload));
  } catch (cause) {
    throw new JsonError(
      400,
      'InvalidRequestContentException',
      `Could not parse request body into json: ${cause instanceof Error ? cause.message : 'no JSON'}`,
    );
  }
}

function throttled(): JsonError {
  return new JsonError(
    429,
    'TooManyRequestsException',
    'Rate Exceeded.',
    {},
    {
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    },
  );
}

function success(result: unknown): Pick<Invocation, 'payload' | 'failed'> {
  // A function or a symbol has no JSON; Lambda sends null for it as for undefined.
  const payload = JSON.stringify(result) ?? 'null';
  if (Buffer.byteLength(payload) <= MAX_SYNC_BYTES) return { payload, failed: false };
  return failure(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${MAX_SYNC_BYTES} bytes).`,
  );
}

function described(error: unknown): Pick<Invocation, 'payload' | 'failed'> {
  if (!(error instanceof Error)) return failure('string', String(error));
  return failure(error.name, error.message, (error.stack ?? '').split('\n'));
}

function failure(
  errorType: string,
  errorMessage: string,
  trace?: readonly string[],
): Pick<Invocation, 'payload' | 'failed'> {
  return { payload: JSON.stringify({ errorType, errorMessage, trace }), failed: true };
}
