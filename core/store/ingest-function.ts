/**
 * The `ingest` Lambda as a function to call: the event as JSON, its reply, and every error of
 * the function thrown. Safe to repeat, as ingest itself is.
 */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Ingest, IngestResult } from '../service/receive/event.ts';

/** Throws when the function failed or could not be called: nothing is known to be durable then. */
export function ingestFunction(client: LambdaClient, functionName: string): Ingest {
  return async (event) => {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`ingest failed: ${text.slice(0, 500)}`);
    return JSON.parse(text) as IngestResult;
  };
}
