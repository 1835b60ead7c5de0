/** Lambda's API: Invoke (waiting, Event, DryRun), and just enough of GetFunction and ListFunctions. */
import { randomUUID } from 'node:crypto';
import { BodyTooLarge, collect, NO_BYTES } from '../bytes.ts';
import { JsonError, jsonResponse } from '../json-protocol.ts';
import type { AwsRequest, AwsResponse, Service, Usage } from '../types.ts';
import type { AsyncInvocations } from './async-invocations.ts';
import { type Functions, functionArn, MAX_ASYNC_BYTES, MAX_SYNC_BYTES, parseEvent } from './functions.ts';

export function createLambda(functions: Functions, later: AsyncInvocations): Service {
  return {
    name: 'lambda',
    async handle(request, usage) {
      try {
        return await answer(functions, later, request, usage);
      } catch (error) {
        if (error instanceof JsonError) return refusal(error);
        throw error;
      }
    },
  };
}

async function answer(
  functions: Functions,
  later: AsyncInvocations,
  request: AwsRequest,
  usage: Usage,
): Promise<AwsResponse> {
  const name = functionName(request.path);
  usage.resource = name;
  switch (usage.operation) {
    case 'Invoke':
      return invoke(functions, later, name, request, usage);
    case 'ListFunctions':
      return jsonResponse(
        200,
        { Functions: functions.names().map((each) => configuration(functions, each)) },
        JSON_TYPE,
      );
    case 'GetFunction':
      return jsonResponse(200, { Configuration: configuration(functions, name) }, JSON_TYPE);
    default:
      throw new JsonError(
        404,
        'UnknownOperationException',
        'The embedded Lambda does not have this operation.',
      );
  }
}

const JSON_TYPE = 'application/json';

async function invoke(
  functions: Functions,
  later: AsyncInvocations,
  name: string,
  request: AwsRequest,
  usage: Usage,
): Promise<AwsResponse> {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const payload = await collectPayload(request, type);
  usage.bytesIn = payload.byteLength;
  functions.settings(name);
  if (type === 'DryRun') return { status: 204, headers: {}, body: NO_BYTES };
  if (type === 'Event') {
    parseEvent(payload);
    // AWS bills the requests that run it, not this one.
    usage.requests = 0;
    return { status: 202, headers: { 'x-amzn-requestid': await later.add(name, payload) }, body: NO_BYTES };
  }
  const invocation = await functions.invoke(name, payload);
  usage.durationMs = invocation.durationMs;
  usage.memoryMb = invocation.memoryMb;
  const body = Buffer.from(invocation.payload);
  usage.bytesOut = body.byteLength;
  const headers: Record<string, string> = {
    'content-type': JSON_TYPE,
    'x-amzn-requestid': invocation.requestId,
    'x-amz-executed-version': '$LATEST',
  };
  if (invocation.failed) headers['x-amz-function-error'] = 'Unhandled';
  return { status: 200, headers, body };
}

async function collectPayload(request: AwsRequest, type: string): Promise<Uint8Array> {
  if (!['RequestResponse', 'Event', 'DryRun'].includes(type)) {
    throw new JsonError(400, 'InvalidParameterValueException', `Unknown invocation type ${type}`);
  }
  const limit = type === 'Event' ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES;
  try {
    return await collect(request.body, limit);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    const message = `the payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
    throw new JsonError(413, 'RequestTooLargeException', message, {}, { Type: 'User' });
  }
}

/** The name in `/2015-03-31/functions/<name or ARN>/...`, without a version. */
function functionName(path: string): string {
  const part = decoded(path.split('/')[3] ?? '');
  const arn = /^(?:arn:aws[\w-]*:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::[\w$-]+)?$/.exec(part);
  return arn?.[1] ?? part;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new JsonError(
      400,
      'InvalidParameterValueException',
      'The function name is not percent-encoded text.',
    );
  }
}

function configuration(functions: Functions, name: string) {
  const { timeoutMs, memoryMb } = functions.settings(name);
  return {
    FunctionName: name,
    FunctionArn: functionArn(name),
    Runtime: 'nodejs24.x',
    Timeout: Math.ceil(timeoutMs / 1000),
    MemorySize: memoryMb,
    State: 'Active',
    Version: '$LATEST',
  };
}

function refusal(error: JsonError): AwsResponse {
  const body = { Type: 'User', Message: error.message, message: error.message, ...error.fields };
  const response = jsonResponse(error.status, body, JSON_TYPE);
  const headers = { 'x-amzn-errortype': error.code, 'x-amzn-requestid': randomUUID() };
  return { ...response, headers: { ...response.headers, ...headers, ...error.headers } };
}
