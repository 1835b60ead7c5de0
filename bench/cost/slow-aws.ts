/**
 * AWS as it answers inside one region: the embedded AWS's latencies (long tail), raised to a
 * median of 5 ms for DynamoDB, 10 for SQS and 15 for the invocation of a warm Lambda; S3 20 and 30.
 */
import type { InProcess } from '../../test/support/in-process.ts';

/** On until the faults are cleared. */
export function slowDown({ cloud: { faults } }: InProcess): void {
  faults.setLatencies(true);
  faults.add({ kind: 'latency', service: 'dynamodb', delayMs: 1 });
  faults.add({ kind: 'latency', service: 'sqs', delayMs: 2 });
  faults.add({ kind: 'latency', service: 'lambda', delayMs: 12 });
}
