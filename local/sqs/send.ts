/** SendMessage and SendMessageBatch. */
import { hash, randomUUID } from 'node:crypto';
import type { JsonObject } from '../json-protocol.ts';
import { batch } from './batch.ts';
import { invalidValue, sqsError } from './error.ts';
import { objects, optionalInteger, optionalObject, optionalString, requiredString } from './input.ts';
import { attributesBytes, attributesMd5, parseMessageAttributes } from './message-attributes.ts';
import type { NewMessage } from './message-table.ts';
import { namedQueue, type SqsOperation } from './queue-operations.ts';
import type { Queue } from './queues.ts';

/** SQS takes this much in one message and in all messages of a batch. */
const MAX_BYTES = 1_048_576;
const GROUP_ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;
/** What XML cannot carry SQS does not take: most control characters, U+FFFE and U+FFFF (and lone surrogates). */
const FORBIDDEN = /[^\t\n\r\u0020-\ufffd]/;

export const sendMessage: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const message = parseMessage(call.input, queue, call.queues.clock.now());
  await call.queues.storage.write(() => call.queues.messages.add(queue.name, message));
  call.queues.wake(queue);
  return receiptOf(message);
};

export const sendMessageBatch: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const entries = objects(call.input, 'Entries');
  const nowMs = call.queues.clock.now();
  const messages: NewMessage[] = [];
  const result = batch(entries, (entry) => {
    const message = parseMessage(entry, queue, nowMs);
    messages.push(message);
    return receiptOf(message);
  });
  if (messages.reduce((sum, message) => sum + messageBytes(message), 0) > MAX_BYTES) {
    throw sqsError('BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_BYTES} bytes.`);
  }
  await call.queues.storage.write(() => {
    for (const message of messages) call.queues.messages.add(queue.name, message);
  });
  call.queues.wake(queue);
  return result;
};

function parseMessage(input: JsonObject, queue: Queue, nowMs: number): NewMessage {
  const body = requiredString(input, 'MessageBody');
  if (body === '') throw invalidValue('The request must contain the parameter MessageBody.');
  if (FORBIDDEN.test(body) || !body.isWellFormed()) {
    throw sqsError('InvalidMessageContents', 'Invalid characters found in the message body.');
  }
  const attributes = parseMessageAttributes(optionalObject(input, 'MessageAttributes'));
  const max = queue.settings.maximumMessageBytes;
  if (messageBytes({ body, attributes }) > max) {
    throw invalidValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${max} bytes.`,
    );
  }
  const delaySeconds = optionalInteger(input, 'DelaySeconds', 0, 900) ?? queue.settings.delaySeconds;
  const groupId = optionalString(input, 'MessageGroupId') ?? '';
  if (groupId !== '' && !GROUP_ID.test(groupId)) throw invalidValue('MessageGroupId is invalid.');
  if (optionalString(input, 'MessageDeduplicationId') !== undefined) {
    throw invalidValue('The request include parameter that is not valid for this queue type');
  }
  return {
    id: randomUUID(),
    body,
    attributes,
    groupId,
    sentMs: nowMs,
    visibleMs: nowMs + delaySeconds * 1000,
  };
}

/** What counts against the limits: the body and all of the attributes. */
function messageBytes({ body, attributes }: Pick<NewMessage, 'body' | 'attributes'>): number {
  return Buffer.byteLength(body) + attributesBytes(attributes);
}

function receiptOf({ id, body, attributes }: NewMessage): JsonObject {
  const md5 = { MessageId: id, MD5OfMessageBody: hash('md5', body) };
  if (Object.keys(attributes).length === 0) return md5;
  return { ...md5, MD5OfMessageAttributes: attributesMd5(attributes) };
}
