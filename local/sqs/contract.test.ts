import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { openTestClients } from '../test-clients.ts';

const { sqs, close } = await openTestClients();
after(close);

async function newQueue(Attributes: Record<string, string> = {}): Promise<string> {
  const created = await sqs.send(
    new CreateQueueCommand({ QueueName: `contract-${randomUUID()}`, Attributes }),
  );
  assert.ok(created.QueueUrl);
  return created.QueueUrl;
}

test('a message is sent, received and deleted', async () => {
  const QueueUrl = await newQueue();
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
  assert.equal(received.Messages?.[0]?.MessageId, sent.MessageId);
  assert.equal(received.Messages?.[0]?.Body, 'hello');
  const again = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(again.Messages, undefined);
  const ReceiptHandle = received.Messages?.[0]?.ReceiptHandle;
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
});
