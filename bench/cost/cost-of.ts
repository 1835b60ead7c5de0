/** What an operation costs: the meter's bills of several runs, as requests and dollars of one. */
import type { Bill, MeterRow } from '../../local/meter.ts';
import type { Operation } from './operations.ts';
import { measured, type World } from './world.ts';

export interface Cost {
  readonly name: string;
  readonly sizeBytes: number;
  readonly puts: number;
  readonly gets: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly sqs: number;
  readonly lambda: number;
  /** GB-seconds of all invocations. */
  readonly lambdaUsd: number;
  readonly usd: number;
  /** Octets that tasks send to Lambda: they pass the NAT gateway. */
  readonly invokedBytes: number;
}

const s3Reads = new Set(['GetObject', 'HeadObject']);
const s3Free = new Set(['DeleteObject', 'DeleteObjects', 'AbortMultipartUpload']);

/** The mean of `rounds` runs. */
export async function costOf(
  world: World,
  operation: Operation,
  sizeBytes: number,
  rounds: number,
): Promise<Cost> {
  const bills: Bill[] = [];
  for (let round = 0; round < rounds; round++) {
    bills.push((await measured(world, operation)).bill);
  }
  const rows = bills.flatMap((bill) => bill.rows);
  const mean = (of: (row: MeterRow) => number, where: (row: MeterRow) => boolean = () => true) =>
    rows.filter(where).reduce((sum, row) => sum + of(row), 0) / rounds;
  const isOf = (service: MeterRow['service']) => (row: MeterRow) => row.service === service;
  const requests = ({ requests: count }: MeterRow) => count;
  return {
    name: operation.name,
    sizeBytes,
    puts: mean(
      requests,
      (row) => row.service === 's3' && !s3Reads.has(row.operation) && !s3Free.has(row.operation),
    ),
    gets: mean(requests, (row) => row.service === 's3' && s3Reads.has(row.operation)),
    writeUnits: mean((row) => row.writeUnits),
    readUnits: mean((row) => row.readUnits),
    sqs: mean(requests, isOf('sqs')),
    lambda: mean(requests, isOf('lambda')),
    lambdaUsd: mean((row) => row.usd - row.requests * 0.2e-6, isOf('lambda')),
    usd: mean((row) => row.usd),
    invokedBytes: mean((row) => row.bytesIn, isOf('lambda')),
  };
}
