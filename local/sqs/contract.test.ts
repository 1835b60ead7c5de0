import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { openTestClients } from '../test-support/clients.ts';

const { sqs, close } = await openTestClients();
after(close);

async function newQueue(Attributes: Record<string, string> = {}, QueueName = `contract-${randomUUID()}`) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  assert.ok(QueueUrl);
  return QueueUrl;
}

async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }),
  );
  return Messages ?? [];
}

test('a message is sent, received once, and deleted', async () => {
  const QueueUrl = await newQueue();
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  assert.equal(sent.MD5OfMessageBody, createHash('md5').update('hello').digest('hex'));
  const [message] = await receive(QueueUrl, { WaitTimeSeconds: 1, MessageSystemAttributeNames: ['All'] });
  assert.equal(message?.MessageId, sent.MessageId);
  assert.equal(message?.Body, 'hello');
  assert.equal(message?.Attributes?.ApproximateReceiveCount, '1');
  assert.deepEqual(await receive(QueueUrl), []);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  assert.equal(Attributes?.ApproximateNumberOfMessagesNotVisible, '0');
});

test('message attributes come back, with the MD5 the SDK checks', async () => {
  const QueueUrl = await newQueue();
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'é' },
    number: { DataType: 'Number.int', StringValue: '42' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }));
  const [message] = await receive(QueueUrl, { MessageAttributeNames: ['All'] });
  assert.equal(message?.MessageAttributes?.text?.StringValue, 'é');
  assert.equal(message?.MessageAttributes?.number?.DataType, 'Number.int');
  assert.deepEqual([...(message?.MessageAttributes?.bytes?.BinaryValue ?? [])], [0, 255]);
});

test('a visibility of zero gives the message back, counted', async () => {
  const QueueUrl = await newQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const [first] = await receive(QueueUrl);
  const ReceiptHandle = String(first?.ReceiptHandle);
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const [again] = await receive(QueueUrl, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
  assert.equal(again?.MessageId, first?.MessageId);
  assert.deepEqual(again?.Attributes, { ApproximateReceiveCount: '2' });
});

test('a long poll gets what is sent while it waits', async () => {
  const QueueUrl = await newQueue();
  const polling = receive(QueueUrl, { WaitTimeSeconds: 10 });
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
  assert.equal((await polling)[0]?.Body, 'late');
});

test('after maxReceiveCount a message goes to the dead-letter queue', async () => {
  const deadUrl = await newQueue();
  const AttributeNames = ['QueueArn' as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 2 });
  const QueueUrl = await newQueue({ RedrivePolicy, VisibilityTimeout: '0' });
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
  assert.equal((await receive(QueueUrl)).length, 1);
  assert.equal((await receive(QueueUrl)).length, 1);
  assert.equal((await receive(QueueUrl)).length, 0);
  assert.equal((await receive(deadUrl, { WaitTimeSeconds: 1 }))[0]?.MessageId, MessageId);
});

test('batches succeed and fail entry by entry', async () => {
  const QueueUrl = await newQueue();
  const Entries = [
    { Id: 'good', MessageBody: 'a' },
    { Id: 'bad', MessageBody: 'a', DelaySeconds: 901 },
    { Id: 'other', MessageBody: 'b' },
  ];
  const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  assert.deepEqual(
    sent.Successful?.map(({ Id }) => Id),
    ['good', 'other'],
  );
  assert.deepEqual(
    sent.Failed?.map(({ Id, SenderFault }) => [Id, SenderFault]),
    [['bad', true]],
  );
  const messages = [...(await receive(QueueUrl)), ...(await receive(QueueUrl))];
  const deletes = messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: deletes }));
  assert.equal(deleted.Successful?.length, 2);
  await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })), {
    name: /EmptyBatchRequest/,
  });
  const same = [Entries[0], Entries[0]].flatMap((entry) => entry ?? []);
  await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: same })), {
    name: /BatchEntryIdsNotDistinct/,
  });
});

test('creating a queue again is fine with the same attributes and refused with others', async () => {
  const QueueName = `contract-${randomUUID()}`;
  const QueueUrl = await newQueue({ VisibilityTimeout: '60' }, QueueName);
  assert.equal(await newQueue({ VisibilityTimeout: '60' }, QueueName), QueueUrl);
  await assert.rejects(newQueue({ VisibilityTimeout: '61' }, QueueName), {
    name: /QueueAlreadyExists|QueueNameExists/,
  });
  assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl, QueueUrl);
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: QueueName }));
  assert.deepEqual(QueueUrls, [QueueUrl]);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '61' } }));
  const AttributeNames = ['VisibilityTimeout' as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  assert.deepEqual(Attributes, { VisibilityTimeout: '61' });
});

test('purged and deleted queues are empty and gone', async () => {
  const QueueUrl = await newQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  assert.deepEqual(await receive(QueueUrl), []);
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  await assert.rejects(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })), {
    name: /QueueDoesNotExist|NonExistentQueue/,
  });
});

test('what SQS does not take is refused', async () => {
  const QueueUrl = await newQueue();
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await assert.rejects(send('x'.repeat(1_048_577)), { name: /InvalidParameterValue/ });
  await assert.rejects(send('\u0001'), { name: /InvalidMessageContents/ });
  // The attributes count: the bodies alone would fit.
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'y'.repeat(10_000) } };
  const Entries = Array.from({ length: 10 }, (_, n) => {
    return { Id: String(n), MessageBody: 'x'.repeat(100_000), MessageAttributes };
  });
  await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })), {
    name: /BatchRequestTooLong/,
  });
  const bad = { QueueUrl, ReceiptHandle: 'nonsense' };
  await assert.rejects(sqs.send(new DeleteMessageCommand(bad)), { name: /ReceiptHandleIsInvalid/ });
  await assert.rejects(receive(QueueUrl, { MaxNumberOfMessages: 11 }), { name: /InvalidParameterValue/ });
});
