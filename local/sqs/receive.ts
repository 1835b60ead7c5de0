/** ReceiveMessage: short and long polls, and the form a received message takes. */
import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../json-protocol.ts';
import { optionalInteger, strings } from './input.ts';
import { attributesMd5 } from './message-attributes.ts';
import type { ReceivedMessage, StoredMessage } from './message-table.ts';
import { ACCOUNT_ID, namedQueue, queueArn, type SqsOperation } from './queue-operations.ts';
import { receiptHandle } from './receipt-handle.ts';

export const receiveMessage: SqsOperation = async (call) => {
  const { input } = call;
  const queue = namedQueue(call);
  const limit = optionalInteger(input, 'MaxNumberOfMessages', 1, 10) ?? 1;
  const visibilitySeconds =
    optionalInteger(input, 'VisibilityTimeout', 0, 43_200) ?? queue.settings.visibilitySeconds;
  const waitSeconds = optionalInteger(input, 'WaitTimeSeconds', 0, 20) ?? queue.settings.waitSeconds;
  const systemNames = [...strings(input, 'AttributeNames'), ...strings(input, 'MessageSystemAttributeNames')];
  const names = strings(input, 'MessageAttributeNames');
  const messages = await call.queues.receive(queue, { limit, visibilitySeconds, waitSeconds }, call.signal);
  if (messages.length === 0) return {};
  return { Messages: messages.map((message) => toOutput(message, systemNames, names)) };
};

function toOutput(
  message: ReceivedMessage,
  systemNames: readonly string[],
  names: readonly string[],
): JsonObject {
  const system = pick(systemAttributes(message), systemNames);
  const attributes = pickMatching(message, names);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: hash('md5', message.body),
    Body: message.body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(Object.keys(attributes).length > 0
      ? {
          MessageAttributes: attributes as unknown as Json,
          MD5OfMessageAttributes: attributesMd5(attributes),
        }
      : {}),
  };
}

function systemAttributes(message: StoredMessage): Record<string, string> {
  return {
    SenderId: ACCOUNT_ID,
    SentTimestamp: String(message.sentMs),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ...(message.groupId === '' ? {} : { MessageGroupId: message.groupId }),
    ...(message.deadLetterSource === ''
      ? {}
      : { DeadLetterQueueSourceArn: queueArn(message.deadLetterSource) }),
  };
}

function pick(all: Record<string, string>, names: readonly string[]): Record<string, string> {
  if (names.length === 0) return {};
  if (names.includes('All')) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** Names may be exact, `All`, or a prefix as in `mail.*`. */
function pickMatching({ attributes }: StoredMessage, names: readonly string[]): StoredMessage['attributes'] {
  if (names.length === 0) return {};
  const wanted = (name: string) =>
    names.some(
      (asked) =>
        asked === 'All' ||
        asked === '.*' ||
        (asked.endsWith('.*') ? name.startsWith(asked.slice(0, -2)) : name === asked),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}
