import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { type CloudOptions, openCloud } from '../cloud.ts';
import { FakeClock } from '../fake-clock.ts';

async function open(options: CloudOptions = {}) {
  const clock = new FakeClock();
  const problems: string[] = [];
  const cloud = await openCloud({ clock, onProblem: (problem) => problems.push(problem), ...options });
  const lambda = new LambdaClient({ ...cloud.clientConfig, maxAttempts: 1 });
  const invoke = async (FunctionName: string, event: unknown = {}, InvocationType?: 'Event' | 'DryRun') => {
    const Payload = typeof event === 'string' ? event : JSON.stringify(event);
    const more = InvocationType ? { InvocationType } : {};
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload, ...more }));
    const text = Buffer.from(answer.Payload ?? []).toString();
    return {
      status: answer.StatusCode,
      error: answer.FunctionError,
      result: text === '' ? undefined : JSON.parse(text),
    };
  };
  return { cloud, clock, lambda, invoke, problems };
}

test('event and result pass through JSON', async () => {
  const { cloud, invoke } = await open();
  cloud.registerFunction('echo', async (event, { functionName }) => ({
    event,
    functionName,
    gone: undefined,
    at: new Date(0),
  }));
  assert.deepEqual((await invoke('echo', { a: 1 })).result, {
    event: { a: 1 },
    functionName: 'echo',
    at: '1970-01-01T00:00:00.000Z',
  });
  cloud.registerFunction('nothing', async () => undefined);
  assert.equal((await invoke('nothing')).result, null);
  await cloud.close();
});

test('what a function throws comes back as a function error', async () => {
  const { cloud, invoke } = await open();
  cloud.registerFunction('broken', async () => {
    throw new TypeError('no luck');
  });
  const { status, error, result } = await invoke('broken');
  assert.deepEqual([status, error], [200, 'Unhandled']);
  assert.deepEqual([result.errorType, result.errorMessage], ['TypeError', 'no luck']);
  await cloud.close();
});

test('a function that overruns its timeout is given up', async () => {
  const { cloud, clock, invoke } = await open();
  let remaining = 0;
  cloud.registerFunction(
    'slow',
    (_, context) => {
      remaining = context.getRemainingTimeInMillis();
      return new Promise(() => {});
    },
    { timeoutMs: 3000 },
  );
  const running = invoke('slow');
  await clock.advance(3000);
  assert.match((await running).result.errorMessage, /Task timed out after 3\.00 seconds$/);
  assert.equal(remaining, 3000);
  await cloud.close();
});

test('payloads over the limits are refused', async () => {
  const { cloud, invoke } = await open();
  cloud.registerFunction('size', async (event) =>
    event === 'big' ? 'x'.repeat(6_291_456) : String(event).length,
  );
  const ofBytes = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
  assert.equal((await invoke('size', ofBytes(6_291_456))).result, 6_291_454);
  await assert.rejects(invoke('size', ofBytes(6_291_457)), { name: 'RequestTooLargeException' });
  await assert.rejects(invoke('size', ofBytes(1_048_577), 'Event'), { name: 'RequestTooLargeException' });
  assert.equal((await invoke('size', '"big"')).result.errorType, 'Function.ResponseSizeTooLarge');
  await assert.rejects(invoke('size', '{'), { name: 'InvalidRequestContentException' });
  await assert.rejects(invoke('size', '{', 'Event'), { name: 'InvalidRequestContentException' });
  await assert.rejects(invoke('absent'), { name: 'ResourceNotFoundException' });
  await cloud.close();
});

test('reserved concurrency throttles what is over it', async () => {
  const { cloud, invoke } = await open();
  let release = () => {};
  cloud.registerFunction(
    'one',
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    { reservedConcurrency: 1 },
  );
  const first = invoke('one');
  await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(invoke('one'), { name: 'TooManyRequestsException' });
  release();
  await first;
  await cloud.close();
});

test('an event invocation is tried three times, after one and two minutes, then reported', async () => {
  const { cloud, clock, invoke, problems } = await open();
  const triedAt: number[] = [];
  const startMs = clock.now();
  cloud.registerFunction('flaky', async () => {
    triedAt.push(clock.now() - startMs);
    throw new Error('still broken');
  });
  assert.equal((await invoke('flaky', {}, 'Event')).status, 202);
  await clock.advance(600_000);
  assert.deepEqual(triedAt, [0, 60_000, 180_000]);
  assert.match(problems.join(), /given up.*still broken/);
  await cloud.close();
});

test('a dry run runs nothing, and functions are listed', async () => {
  const { cloud, lambda, invoke } = await open();
  cloud.registerFunction('f', () => assert.fail('it ran'), { timeoutMs: 5000, memoryMb: 256 });
  assert.equal((await invoke('f', {}, 'DryRun')).status, 204);
  const { Functions } = await lambda.send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions?.map(({ FunctionName, Timeout, MemorySize }) => [FunctionName, Timeout, MemorySize]),
    [['f', 5, 256]],
  );
  await cloud.close();
});

test('a schedule runs at its interval, and on demand', async () => {
  const { cloud, clock } = await open();
  const inputs: unknown[] = [];
  cloud.registerFunction('tick', async (input) => inputs.push(input));
  cloud.scheduleFunction({ functionName: 'tick', everyMs: 60_000, input: { due: true } });
  await clock.advance(150_000);
  assert.deepEqual(inputs, [{ due: true }, { due: true }]);
  await cloud.tickNow();
  assert.equal(inputs.length, 3);
  await cloud.close();
  assert.equal(clock.waiting, 0);
});
