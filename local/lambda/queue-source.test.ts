import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { openCloud } from '../cloud.ts';
import { FakeClock } from '../fake-clock.ts';

interface SqsEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
    readonly attributes: Record<string, string>;
  }[];
}

async function open() {
  const clock = new FakeClock();
  const cloud = await openCloud({ clock, onProblem: () => {} });
  const sqs = new SQSClient(cloud.clientConfig);
  const Attributes = { VisibilityTimeout: '30' };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'work', Attributes }));
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const left = async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes?.ApproximateNumberOfMessages) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible)
    );
  };
  return { clock, cloud, send, left };
}

test('what a batch reports as failed comes back after its visibility timeout, the rest is deleted', async () => {
  const { clock, cloud, send, left } = await open();
  const seen: string[] = [];
  cloud.registerFunction('worker', async (event) => {
    const failed = (event as SqsEvent).Records.filter(({ body, attributes }) => {
      seen.push(`${body} ${attributes.ApproximateReceiveCount}`);
      return body === 'bad' && attributes.ApproximateReceiveCount === '1';
    });
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  for (const body of ['good', 'bad', 'fine']) await send(body);
  cloud.mapQueueToFunction({ queueName: 'work', functionName: 'worker', reportBatchItemFailures: true });
  await clock.advance(29_000);
  assert.deepEqual(seen, ['good 1', 'bad 1', 'fine 1']);
  assert.equal(await left(), 1);
  await clock.advance(1000);
  assert.deepEqual(seen.slice(3), ['bad 2']);
  assert.equal(await left(), 0);
  await cloud.close();
  assert.equal(clock.waiting, 0);
});

test('a function that throws, or reports nonsense, leaves the whole batch', async () => {
  const { clock, cloud, send, left } = await open();
  let runs = 0;
  cloud.registerFunction('worker', async () => {
    if (++runs === 1) throw new Error('down');
    if (runs === 2) return { batchItemFailures: [{ itemIdentifier: 'unknown' }] };
    return null;
  });
  await send('x');
  cloud.mapQueueToFunction({ queueName: 'work', functionName: 'worker', reportBatchItemFailures: true });
  await clock.advance(31_000);
  assert.deepEqual([runs, await left()], [2, 1]);
  await clock.advance(31_000);
  assert.deepEqual([runs, await left()], [3, 0]);
  await cloud.close();
});

test('no more batches run at once than maximumConcurrency', async () => {
  const { clock, cloud, send, left } = await open();
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  cloud.registerFunction('worker', async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => release.push(resolve));
    running -= 1;
  });
  for (let n = 0; n < 6; n++) await send(String(n));
  cloud.mapQueueToFunction({
    queueName: 'work',
    functionName: 'worker',
    batchSize: 1,
    maximumConcurrency: 2,
  });
  for (let done = 0; done < 6; done++) {
    await clock.advance(0);
    release.shift()?.();
  }
  await clock.advance(0);
  assert.deepEqual([most, await left()], [2, 0]);
  await cloud.close();
});
