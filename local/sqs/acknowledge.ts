/** DeleteMessage and ChangeMessageVisibility, alone and in batches. */
import type { JsonObject } from '../json-protocol.ts';
import { batch } from './batch.ts';
import { invalidValue, missing, sqsError } from './error.ts';
import { objects, optionalInteger, requiredString } from './input.ts';
import { namedQueue, type SqsCall, type SqsOperation } from './queue-operations.ts';
import type { Queue } from './queues.ts';
import { parseReceipt } from './receipt-handle.ts';

const MAX_VISIBILITY_SECONDS = 43_200;

export const deleteMessage: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  return call.queues.storage.write(() => remove(call, queue, call.input));
};

export const deleteMessageBatch: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const entries = objects(call.input, 'Entries');
  return call.queues.storage.write(() => batch(entries, (entry) => remove(call, queue, entry)));
};

export const changeMessageVisibility: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const result = await call.queues.storage.write(() => change(call, queue, call.input));
  call.queues.wake(queue);
  return result;
};

export const changeMessageVisibilityBatch: SqsOperation = async (call) => {
  const queue = namedQueue(call);
  const entries = objects(call.input, 'Entries');
  const result = await call.queues.storage.write(() => batch(entries, (entry) => change(call, queue, entry)));
  call.queues.wake(queue);
  return result;
};

/** A handle of an earlier delivery succeeds without deleting, as SQS warns it may. */
function remove({ queues }: SqsCall, queue: Queue, input: JsonObject): JsonObject {
  const { seq, id, receives } = parseReceipt(requiredString(input, 'ReceiptHandle'));
  const message = queues.messages.get(queue.name, seq, id);
  if (message && message.receives === receives) queues.messages.delete(seq);
  return {};
}

function change({ queues }: SqsCall, queue: Queue, input: JsonObject): JsonObject {
  const { seq, id, receives, receivedMs } = parseReceipt(requiredString(input, 'ReceiptHandle'));
  const seconds = optionalInteger(input, 'VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS);
  if (seconds === undefined) throw missing('VisibilityTimeout');
  const message = queues.messages.get(queue.name, seq, id);
  if (!message) {
    throw invalidValue('Reason: Message does not exist or is not available for visibility timeout change.');
  }
  const nowMs = queues.clock.now();
  if (message.receives !== receives || message.visibleMs <= nowMs) {
    throw sqsError('MessageNotInflight', 'The specified message is not in flight.');
  }
  // The twelve hours are those of one delivery: the next one has its own.
  if (nowMs + seconds * 1000 > receivedMs + MAX_VISIBILITY_SECONDS * 1000) {
    throw invalidValue('Total VisibilityTimeout for the message is beyond the limit [43200 seconds]');
  }
  queues.messages.setVisible(seq, nowMs + seconds * 1000);
  return {};
}
