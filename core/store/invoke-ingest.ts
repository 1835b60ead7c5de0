/**
 * The way to the `ingest` Lambda: one synchronous invocation, JSON both ways. Not retried here:
 * the caller repeats the same event, and knows how often.
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Ingest, IngestEvent, IngestResult } from '../service/receive/event.ts';

/** `functionName` is the function's name or ARN. Throws when it failed, timed out or answered nonsense. */
export function invokeIngest(client: LambdaClient, functionName: string): Ingest {
  return async (event) => {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: payloadOf(event) }),
    );
    const text = Payload ? Buffer.from(Payload).toString('utf8') : '';
    // What a function says of its own failure names types and traces, never a message's octets
    if (FunctionError !== undefined) throw new Error(`ingest failed: ${text.slice(0, 500)}`);
    return parseResult(text);
  };
}

/** The event's JSON. The message's octets are copied as they are: base64 has nothing to escape, and may be 4 MB. */
function payloadOf(event: IngestEvent): Buffer {
  const { body, ...rest } = event;
  if (body.kind !== 'inline') return Buffer.from(JSON.stringify(event));
  const front = Buffer.from('{"body":{"kind":"inline","octets":"');
  const tail = Buffer.from(`"},${JSON.stringify(rest).slice(1)}`);
  const payload = Buffer.allocUnsafeSlow(front.length + body.octets.length + tail.length);
  front.copy(payload);
  payload.write(body.octets, front.length, 'latin1');
  tail.copy(payload, front.length + body.octets.length);
  return payload;
}

function parseResult(text: string): IngestResult {
  const value: unknown = JSON.parse(text);
  if (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'status' in value &&
    'text' in value
  ) {
    const { code, status, text: words } = value;
    if (typeof code === 'number' && typeof status === 'string' && typeof words === 'string') {
      return { code, status, text: words };
    }
  }
  throw new Error('ingest answered something that is no result');
}
