/**
 * Feeds the outbound queue of another AWS endpoint to the relay in this process, as the event
 * source mapping of Lambda does: batches, partial failures, deletes after success.
 */
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { BatchResponse, SqsEvent } from '../../lambdas/relay/relay-batch.ts';

const waitSeconds = 20;
const batchSize = 10;
const pauseAfterErrorMs = 2000;

export interface QueuePoller {
  /** Receives no more; resolves when the batch under way is done. */
  close(): Promise<void>;
}

export function pollQueue(
  sqs: SQSClient,
  queueUrl: string,
  relay: (event: SqsEvent) => Promise<BatchResponse>,
  onProblem: (problem: string, cause: unknown) => void,
): QueuePoller {
  const stopped = new AbortController();
  const polling = poll();
  return {
    close: async () => {
      stopped.abort();
      await polling;
    },
  };

  async function poll(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await handle(await receive());
      } catch (cause) {
        if (stopped.signal.aborted) return;
        onProblem('the outbound queue could not be read', cause);
        await pause(pauseAfterErrorMs, stopped.signal);
      }
    }
  }

  async function receive(): Promise<readonly Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: waitSeconds,
    });
    const { Messages } = await sqs.send(command, { abortSignal: stopped.signal });
    return Messages ?? [];
  }

  async function handle(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const Records = messages.map(({ MessageId = '', Body = '' }) => ({ messageId: MessageId, body: Body }));
    const { batchItemFailures } = await relay({ Records });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const Entries = messages
      .filter(({ MessageId }) => !failed.has(MessageId ?? ''))
      .map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
