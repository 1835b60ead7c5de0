/**
 * What the parts of the embedded AWS share: one request shape, one response shape, one
 * service contract. Knows nothing about mail and imports nothing outside `local/`.
 */

/** A request as it came off the wire or from the SDK; header names are lower case. */
export interface AwsRequest {
  readonly method: string;
  /** Percent-encoded path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole for the JSON services; S3 object uploads may stream. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The input of a JSON service, from a caller in this process who leaves it to us; `body` is empty then. */
  readonly input?: Record<string, unknown> | undefined;
  /** Aborted when the caller went away: a long poll must not take messages for it any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The body of a success as text, where the request came with `input`; `body` is empty then. */
  readonly text?: string;
}

/** One emulated service. It answers every request; an AWS error is a response, a throw is a bug (500). */
export interface Service {
  readonly name: 's3' | 'dynamodb' | 'sqs' | 'lambda';
  handle(request: AwsRequest, usage: Usage): Promise<AwsResponse>;
}

/** Where a service writes down what AWS would bill for the request it is handling. */
export interface Usage {
  /** The API operation, for example `PutItem`; the service sets it once it knows. */
  operation: string;
  /** Table, bucket/key-prefix, queue or function the request was for. */
  resource: string;
  /** First part of the partition key or object key, where it names a tenant; '' otherwise. */
  tenant: string;
  /** Write request units (DynamoDB). */
  writeUnits: number;
  /** Read request units (DynamoDB). */
  readUnits: number;
  /** Billed requests: 1, except SQS (64 KB chunks). */
  requests: number;
  bytesIn: number;
  bytesOut: number;
  /** Lambda only: billed duration. */
  durationMs: number;
  /** Lambda only: what the duration is multiplied with. */
  memoryMb?: number;
}

/** Time as the emulator sees it; tests pass a fake. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Calls back once after `delayMs`; returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}
