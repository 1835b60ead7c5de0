/** The operations on queues themselves: create, find, list, attributes, purge, delete. */
import type { JsonObject } from '../json-protocol.ts';
import { parseAttributes, type QueueAttributes, withDefaults } from './attributes.ts';
import { invalidValue, sqsError } from './error.ts';
import { optionalInteger, optionalObject, optionalString, requiredString, strings } from './input.ts';
import type { Queue, Queues } from './queues.ts';

export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';

const NAME = /^[\w-]{1,80}$/;
const PURGE_PAUSE_MS = 60_000;

export interface SqsCall {
  readonly queues: Queues;
  readonly input: JsonObject;
  /** Host (and port) the caller used: the queue's URL must lead back the same way. */
  readonly host: string;
  readonly signal: AbortSignal | undefined;
}

export type SqsOperation = (call: SqsCall) => Promise<JsonObject>;

/** The queue a call names by its URL. @throws JsonError QueueDoesNotExist */
export function namedQueue({ queues, input }: SqsCall): Queue {
  return queues.get(requiredString(input, 'QueueUrl').split('/').at(-1) ?? '');
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;
}

function queueUrl(host: string, name: string): string {
  return `http://${host}/${ACCOUNT_ID}/${name}`;
}

export const createQueue: SqsOperation = async ({ queues, input, host }) => {
  const name = requiredString(input, 'QueueName');
  if (name.endsWith('.fifo'))
    throw sqsError('UnsupportedOperation', 'The embedded SQS has standard queues only.');
  if (!NAME.test(name)) {
    throw invalidValue(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  const attributes = parseAttributes(optionalObject(input, 'Attributes'));
  const existing = queues.find(name);
  if (!existing) await queues.create(name, attributes);
  else if (differs(existing.attributes, attributes)) {
    throw sqsError(
      'QueueNameExists',
      'A queue already exists with the same name and a different value for attributes.',
    );
  }
  return { QueueUrl: queueUrl(host, name) };
};

/** Only what the request names counts: creating a queue again without attributes is fine. */
function differs(existing: QueueAttributes, wanted: QueueAttributes): boolean {
  const known = withDefaults(existing);
  return Object.entries(wanted).some(([name, value]) => (known[name] ?? '') !== value);
}

export const getQueueUrl: SqsOperation = async ({ queues, input, host }) => {
  const { name } = queues.get(requiredString(input, 'QueueName'));
  return { QueueUrl: queueUrl(host, name) };
};

export const listQueues: SqsOperation = async ({ queues, input, host }) => {
  const prefix = optionalString(input, 'QueueNamePrefix') ?? '';
  const max = optionalInteger(input, 'MaxResults', 1, 1000) ?? 1000;
  const after = optionalString(input, 'NextToken') ?? '';
  const names = queues.names().filter((name) => name.startsWith(prefix) && name > after);
  const page = names.slice(0, max);
  const last = page.at(-1);
  return {
    QueueUrls: page.map((name) => queueUrl(host, name)),
    ...(names.length > max && last !== undefined ? { NextToken: last } : {}),
  };
};

export const deleteQueue: SqsOperation = async (call) => {
  await call.queues.remove(namedQueue(call));
  return {};
};

export const purgeQueue: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const nowMs = call.queues.clock.now();
  if (nowMs - queue.purgedMs < PURGE_PAUSE_MS) {
    throw sqsError('PurgeQueueInProgress', 'Only one PurgeQueue operation is allowed every 60 seconds.');
  }
  queue.purgedMs = nowMs;
  await call.queues.storage.write(() => call.queues.messages.deleteAll(queue.name));
  return {};
};

export const setQueueAttributes: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  await call.queues.setAttributes(queue, parseAttributes(optionalObject(call.input, 'Attributes')));
  return {};
};

export const getQueueAttributes: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const wanted = strings(call.input, 'AttributeNames');
  const all = allAttributes(call.queues, queue);
  if (wanted.includes('All')) return { Attributes: all };
  const unknown = wanted.find((name) => !(name in all) && !OPTIONAL.has(name));
  if (unknown !== undefined) throw sqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))) };
};

/** Attributes that exist but are left out of the answer while they are not set. */
const OPTIONAL = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'FifoQueue']);

function allAttributes(queues: Queues, queue: Queue): Record<string, string> {
  const counts = queues.messages.counts(queue.name, queues.clock.now());
  return {
    SqsManagedSseEnabled: 'true',
    ...withDefaults(queue.attributes),
    QueueArn: queueArn(queue.name),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
  };
}
