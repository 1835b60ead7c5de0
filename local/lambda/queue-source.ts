/**
 * The event source between a queue and a function: receives batches, invokes, and deletes
 * what succeeded. What failed stays hidden until its visibility timeout ends, as on AWS.
 * It speaks to the services by their API, so its requests are metered and meet faults.
 */
import { asBuffer, collect, utf8 } from '../bytes.ts';
import { isJsonObject, type Json, type JsonObject } from '../json-protocol.ts';
import type { AwsRequest, AwsResponse, Clock } from '../types.ts';
import { MAX_SYNC_BYTES } from './functions.ts';

export interface QueueMapping {
  readonly queueName: string;
  readonly functionName: string;
  /** 1..10, default 10. */
  readonly batchSize?: number;
  /** Invocations at the same time: 2..1000 on AWS, default 5 here. */
  readonly maximumConcurrency?: number;
  /** Whether the function's `batchItemFailures` count; otherwise a batch succeeds or fails whole. */
  readonly reportBatchItemFailures?: boolean;
}

type Dispatch = (request: AwsRequest) => Promise<AwsResponse>;

const WAIT_SECONDS = 20;
const PAUSE_AFTER_ERROR_MS = 1000;
const DEFAULT_CONCURRENCY = 5;

export class QueueSource {
  readonly #mapping: QueueMapping;
  readonly #dispatch: Dispatch;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  readonly #batches = new Set<Promise<void>>();
  #polling: Promise<void> | undefined;

  constructor(mapping: QueueMapping, dispatch: Dispatch, clock: Clock) {
    this.#mapping = mapping;
    this.#dispatch = dispatch;
    this.#clock = clock;
  }

  start(): void {
    this.#polling ??= this.#poll();
  }

  /** Receives no more and resolves when the batches under way are done. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#polling;
    await Promise.all(this.#batches);
  }

  async #poll(): Promise<void> {
    const concurrency = this.#mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY;
    while (!this.#stopped.signal.aborted) {
      const messages = await this.#receive();
      if (messages === undefined) await this.#pause();
      else if (messages.length > 0) this.#begin(messages);
      if (this.#batches.size >= concurrency) await Promise.race(this.#batches);
    }
  }

  /** The next batch; undefined when the queue did not answer as it should. */
  async #receive(): Promise<readonly JsonObject[] | undefined> {
    try {
      const output = await this.#sqs('ReceiveMessage', {
        MaxNumberOfMessages: this.#mapping.batchSize ?? 10,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      if (!output) return undefined;
      const messages = output.Messages;
      return Array.isArray(messages) ? messages.filter(isJsonObject) : [];
    } catch {
      return undefined;
    }
  }

  #begin(messages: readonly JsonObject[]): void {
    // A failed delete or invocation is no loss: the messages come back.
    const batch = this.#process(messages)
      .catch(() => {})
      .finally(() => this.#batches.delete(batch));
    this.#batches.add(batch);
  }

  async #process(messages: readonly JsonObject[]): Promise<void> {
    const { queueName, functionName } = this.#mapping;
    const event = { Records: messages.map((message) => toRecord(message, queueName)) };
    const response = await this.#dispatch(invokeRequest(functionName, event));
    if (response.status !== 200 || response.headers['x-amz-function-error'] !== undefined) return;
    const result = utf8(await collect(response.body, MAX_SYNC_BYTES));
    const failed = this.#mapping.reportBatchItemFailures
      ? failedIds(result, messages)
      : new Set<Json | undefined>();
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
    if (done.length === 0) return;
    await this.#sqs('DeleteMessageBatch', {
      Entries: done.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: ReceiptHandle ?? '',
      })),
    });
  }

  async #sqs(operation: string, input: JsonObject): Promise<JsonObject | undefined> {
    const url = `http://localhost/000000000000/${this.#mapping.queueName}`;
    const body = Buffer.from(JSON.stringify({ QueueUrl: url, ...input }));
    const headers = { 'x-amz-target': `AmazonSQS.${operation}`, host: 'localhost' };
    const signal = operation === 'ReceiveMessage' ? this.#stopped.signal : undefined;
    const request = { method: 'POST', path: '/', query: new URLSearchParams(), headers, body, signal };
    const response = await this.#dispatch(request);
    if (response.status !== 200) return undefined;
    const output: unknown = JSON.parse(
      asBuffer(await collect(response.body, Number.MAX_SAFE_INTEGER)).toString(),
    );
    return isJsonObject(output) ? output : undefined;
  }

  /** Ends early when the source is closed. */
  #pause(): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.after(PAUSE_AFTER_ERROR_MS, end);
      signal.addEventListener('abort', end);
    });
  }
}

export function invokeRequest(functionName: string, event: unknown): AwsRequest {
  return {
    method: 'POST',
    path: `/2015-03-31/functions/${functionName}/invocations`,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(JSON.stringify(event ?? {})),
  };
}

/** The record as Lambda's poller writes it: like the API's message, in other letters. */
function toRecord(message: JsonObject, queueName: string): JsonObject {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: toRecordAttributes(message.MessageAttributes),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
    awsRegion: 'us-east-1',
  };
}

function toRecordAttributes(attributes: Json | undefined): JsonObject {
  const result: Record<string, Json> = {};
  for (const [name, value] of Object.entries(isJsonObject(attributes) ? attributes : {})) {
    if (!isJsonObject(value)) continue;
    const { DataType = '', StringValue, BinaryValue } = value;
    result[name] = {
      dataType: DataType,
      stringListValues: [],
      binaryListValues: [],
      ...(StringValue === undefined ? {} : { stringValue: StringValue }),
      ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
    };
  }
  return result;
}

/**
 * Ids the function reports as failed: none for an empty or missing report, all for a report
 * that is malformed or names an id that is not in the batch.
 */
function failedIds(result: string, messages: readonly JsonObject[]): ReadonlySet<Json | undefined> {
  const all = new Set(messages.map(({ MessageId }) => MessageId));
  const report: unknown = JSON.parse(result);
  if (!isJsonObject(report)) return report === null || report === '' ? new Set() : all;
  const failures = report.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const ids = new Set(
    failures.map((failure: Json) => (isJsonObject(failure) ? failure.itemIdentifier : undefined)),
  );
  for (const id of ids) if (!all.has(id)) return all;
  return ids;
}
