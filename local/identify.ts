/**
 * Which service and operation a request is for, told from its shape alone, before any
 * service sees it: faults and the meter need the name early.
 */
import { s3Operation } from './s3/operation.ts';
import type { AwsRequest, Service } from './types.ts';

export interface Identity {
  readonly service: Service['name'];
  readonly operation: string;
}

const LAMBDA_PATH = '/2015-03-31/functions';

export function identify(request: AwsRequest): Identity | undefined {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return byTarget(target);
  if (request.path.startsWith(LAMBDA_PATH)) {
    return { service: 'lambda', operation: lambdaOperation(request) };
  }
  return { service: 's3', operation: s3Operation(request) };
}

function byTarget(target: string): Identity | undefined {
  const dot = target.indexOf('.');
  const prefix = target.slice(0, dot);
  const operation = target.slice(dot + 1);
  if (prefix === 'DynamoDB_20120810') return { service: 'dynamodb', operation };
  if (prefix === 'AmazonSQS') return { service: 'sqs', operation };
  return undefined;
}

function lambdaOperation(request: AwsRequest): string {
  const rest = request.path.slice(LAMBDA_PATH.length).split('/').filter(Boolean);
  if (request.method === 'POST' && rest[1] === 'invocations') return 'Invoke';
  if (request.method === 'GET' && rest.length === 0) return 'ListFunctions';
  if (request.method === 'GET' && rest.length === 1) return 'GetFunction';
  return 'Unknown';
}
