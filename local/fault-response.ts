/** The answers of injected faults: each service has its own words for "too fast" and "broken". */
import { randomUUID } from 'node:crypto';
import type { Identity } from './identify.ts';
import { jsonResponse } from './json-protocol.ts';
import { s3ErrorResponse } from './s3/error.ts';
import type { AwsResponse } from './types.ts';

/** The connection broke; over HTTP the socket is destroyed, in-process the SDK sees this error. */
export class ConnectionBroken extends Error {
  readonly code: 'ECONNRESET' | 'ETIMEDOUT';
  constructor(code: 'ECONNRESET' | 'ETIMEDOUT', cause?: unknown) {
    super(code === 'ECONNRESET' ? 'socket hang up' : 'the request timed out', { cause });
    this.code = code;
    // The SDK retries errors of this name.
    if (code === 'ETIMEDOUT') this.name = 'TimeoutError';
  }
}

export function throttleResponse({ service }: Identity): AwsResponse {
  switch (service) {
    case 's3':
      return s3ErrorResponse(503, 'SlowDown', 'Please reduce your request rate.');
    case 'dynamodb':
      return jsonError(
        400,
        'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
        'The level of configured provisioned throughput for the table was exceeded.',
      );
    case 'sqs':
      return jsonError(400, 'com.amazonaws.sqs#RequestThrottled', 'The request was throttled.', {
        'x-amzn-query-error': 'RequestThrottled;Sender',
      });
    case 'lambda':
      return jsonError(429, 'TooManyRequestsException', 'Rate Exceeded.', {
        'x-amzn-errortype': 'TooManyRequestsException',
      });
  }
}

export function conflictResponse({ service }: Identity): AwsResponse {
  if (service === 's3') {
    const message = 'A conflicting operation occurred during processing of this request.';
    return s3ErrorResponse(409, 'ConditionalRequestConflict', message);
  }
  const type = 'com.amazonaws.dynamodb.v20120810#TransactionConflictException';
  return jsonError(400, type, 'Transaction is ongoing for the item');
}

export function internalErrorResponse({ service }: Identity): AwsResponse {
  const message = 'We encountered an internal error. Please try again.';
  if (service === 's3') return s3ErrorResponse(500, 'InternalError', message);
  if (service === 'lambda') {
    return jsonError(500, 'ServiceException', message, { 'x-amzn-errortype': 'ServiceException' });
  }
  const namespace = service === 'sqs' ? 'com.amazonaws.sqs' : 'com.amazonaws.dynamodb.v20120810';
  return jsonError(500, `${namespace}#InternalServerError`, message);
}

function jsonError(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): AwsResponse {
  const response = jsonResponse(
    status,
    { __type: type, message, Message: message },
    'application/x-amz-json-1.0',
  );
  return { ...response, headers: { ...response.headers, ...headers, 'x-amzn-requestid': randomUUID() } };
}
