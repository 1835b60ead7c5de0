/** SQS: standard queues over AWS JSON 1.0, with fair ordering by message group. */
import { asBuffer, BodyTooLarge, collect } from '../bytes.ts';
import { JsonError, type JsonObject, jsonResponse, parseInput } from '../json-protocol.ts';
import type { Storage } from '../storage.ts';
import type { AwsRequest, AwsResponse, Clock, Service, Usage } from '../types.ts';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
} from './acknowledge.ts';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listQueues,
  purgeQueue,
  type SqsOperation,
  setQueueAttributes,
} from './queue-operations.ts';
import { Queues } from './queues.ts';
import { receiveMessage } from './receive.ts';
import { sendMessage, sendMessageBatch } from './send.ts';

const OPERATIONS: Readonly<Record<string, SqsOperation>> = {
  CreateQueue: createQueue,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  DeleteQueue: deleteQueue,
  PurgeQueue: purgeQueue,
  GetQueueAttributes: getQueueAttributes,
  SetQueueAttributes: setQueueAttributes,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
};

const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** A full batch is 1 MiB of text, which JSON may write with six characters each. */
const MAX_BODY_BYTES = 7 * 1024 * 1024;
/** SQS bills a request per 64 KB of payload. */
const BILLED_BYTES = 64 * 1024;

export interface Sqs extends Service {
  /** Ends all long polls: called before the database closes. */
  close(): void;
}

export function createSqs(options: {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly duplicates?: () => boolean;
}): Sqs {
  const queues = new Queues(options.storage, options.clock, options.duplicates ?? (() => false));
  return {
    name: 'sqs',
    handle: (request, usage) => handle(queues, request, usage),
    close: () => queues.close(),
  };
}

async function handle(queues: Queues, request: AwsRequest, usage: Usage): Promise<AwsResponse> {
  try {
    const operation = Object.hasOwn(OPERATIONS, usage.operation) ? OPERATIONS[usage.operation] : undefined;
    if (!operation) {
      throw new JsonError(
        400,
        'com.amazon.coral.service#UnknownOperationException',
        'The operation is not known.',
      );
    }
    const body = await collect(request.body, MAX_BODY_BYTES);
    const input = parseInput(body);
    describe(usage, input, body.byteLength);
    const host = request.headers.host ?? 'localhost';
    const output = await operation({ queues, input, host, signal: request.signal });
    await queues.storage.settled();
    return answered(usage, output);
  } catch (error) {
    await queues.storage.settled();
    return refusal(error);
  }
}

function describe(usage: Usage, input: JsonObject, bytes: number): void {
  usage.bytesIn = bytes;
  usage.requests = Math.max(1, Math.ceil(bytes / BILLED_BYTES));
  const named = input.QueueUrl ?? input.QueueName;
  if (typeof named === 'string') usage.resource = named.split('/').at(-1) ?? '';
  if (typeof input.MessageGroupId === 'string') usage.tenant = input.MessageGroupId;
}

function answered(usage: Usage, output: JsonObject): AwsResponse {
  const response = jsonResponse(200, output, CONTENT_TYPE);
  usage.bytesOut = asBuffer(response.body as Uint8Array).length;
  usage.requests = Math.max(usage.requests, Math.ceil(usage.bytesOut / BILLED_BYTES));
  return response;
}

function refusal(error: unknown): AwsResponse {
  if (error instanceof BodyTooLarge) {
    return refusal(new JsonError(413, 'RequestEntityTooLarge', 'The request is too large.'));
  }
  if (!(error instanceof JsonError)) throw error;
  const response = jsonResponse(error.status, { __type: error.code, message: error.message }, CONTENT_TYPE);
  return { ...response, headers: { ...response.headers, ...error.headers } };
}
