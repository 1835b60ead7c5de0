/**
 * The outbound queue and its dead-letter queue where nothing deploys them (one machine, tests).
 * lib/ deploys the same on AWS.
 */
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** Longer than a relay may run, so that a message under work does not come twice. */
export const visibilityTimeoutSeconds = 960;
/** Receives before a wake-up is put aside: the job stays in table Outbound, and the tick wakes it again. */
const maxReceiveCount = 10;
const retentionSeconds = 14 * 86_400;

/** `<prefix>outbound`, and `<prefix>outbound-dead` for what could not be handled. */
export function queueNames(prefix: string): { readonly outbound: string; readonly dead: string } {
  return { outbound: `${prefix}outbound`, dead: `${prefix}outbound-dead` };
}

/** Makes the queues that are missing; resolves with the URL of the outbound queue. */
export async function ensureQueues(client: SQSClient, prefix: string): Promise<string> {
  const names = queueNames(prefix);
  const retention = { MessageRetentionPeriod: String(retentionSeconds) };
  const dead = await client.send(new CreateQueueCommand({ QueueName: names.dead, Attributes: retention }));
  const described = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const redrive = { deadLetterTargetArn: described.Attributes?.QueueArn, maxReceiveCount };
  const { QueueUrl } = await client.send(
    new CreateQueueCommand({
      QueueName: names.outbound,
      Attributes: {
        ...retention,
        VisibilityTimeout: String(visibilityTimeoutSeconds),
        RedrivePolicy: JSON.stringify(redrive),
      },
    }),
  );
  if (QueueUrl === undefined) throw new Error(`queue ${names.outbound} has no URL`);
  return QueueUrl;
}

/** URL of the outbound queue that is there. */
export async function queueUrlOf(client: SQSClient, prefix: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueNames(prefix).outbound }));
  if (QueueUrl === undefined) throw new Error('the outbound queue has no URL');
  return QueueUrl;
}
