import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { openCloud } from '../cloud.ts';

const cloud = await openCloud({ onProblem: () => {} });
const lambda = new LambdaClient({
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  requestHandler: cloud.requestHandler,
});
after(() => cloud.close());

function parse(payload: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(payload ?? []).toString());
}

test('a function gets its event and gives its result as JSON', async () => {
  cloud.registerFunction('echo', async (event, context) => ({
    event,
    name: context.functionName,
    gone: undefined,
  }));
  const answer = await lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"a":1}' }));
  assert.deepEqual(parse(answer.Payload), { event: { a: 1 }, name: 'echo' });
  assert.equal(answer.FunctionError, undefined);
});
