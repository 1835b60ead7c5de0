/** SQS's refusals. Each has a JSON name and the older query name, which SDKs still show as the code. */
import { JsonError } from '../json-protocol.ts';

const QUERY_NAMES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

export function sqsError(name: string, message: string): JsonError {
  const query = QUERY_NAMES[name] ?? name;
  return new JsonError(400, `com.amazonaws.sqs#${name}`, message, {
    'x-amzn-query-error': `${query};Sender`,
  });
}

export function invalidValue(message: string): JsonError {
  return sqsError('InvalidParameterValue', message);
}

export function missing(parameter: string): JsonError {
  return sqsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}
