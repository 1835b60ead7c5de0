/**
 * What AWS charges for requests, us-east-1, on demand, in US dollars (price lists of 2026).
 * Storage, traffic and hourly prices are not metered here: they are no property of a request.
 */
import type { Service, Usage } from './types.ts';

const MILLION = 1_000_000;

const DYNAMODB_WRITE_UNIT = 0.625 / MILLION;
const DYNAMODB_READ_UNIT = 0.125 / MILLION;
const S3_WRITE = 5 / MILLION;
const S3_READ = 0.4 / MILLION;
const SQS_REQUEST = 0.4 / MILLION;
const LAMBDA_REQUEST = 0.2 / MILLION;
const LAMBDA_GB_SECOND = 0.0000133334;

/** S3 prices DELETE and CANCEL requests at nothing. */
const S3_FREE = new Set([
  'DeleteObject',
  'DeleteObjects',
  'DeleteBucket',
  'DeleteBucketEncryption',
  'AbortMultipartUpload',
]);
const S3_READS = new Set([
  'GetObject',
  'HeadObject',
  'HeadBucket',
  'GetBucketLocation',
  'GetBucketVersioning',
  'GetBucketEncryption',
]);

/** The price of one answered request in dollars. */
export function priceOf(service: Service['name'], usage: Usage): number {
  switch (service) {
    case 'dynamodb':
      return usage.writeUnits * DYNAMODB_WRITE_UNIT + usage.readUnits * DYNAMODB_READ_UNIT;
    case 's3':
      if (S3_FREE.has(usage.operation)) return 0;
      return usage.requests * (S3_READS.has(usage.operation) ? S3_READ : S3_WRITE);
    case 'sqs':
      return usage.requests * SQS_REQUEST;
    case 'lambda':
      if (usage.operation !== 'Invoke') return 0;
      return (
        usage.requests * LAMBDA_REQUEST +
        ((usage.memoryMb ?? 128) / 1024) * (usage.durationMs / 1000) * LAMBDA_GB_SECOND
      );
  }
}
