/**
 * How long AWS takes to answer from inside the same region: a median and a 99th percentile
 * per operation (typical published and measured figures, rounded), drawn log-normally so
 * that the tail is long. Used only when latencies are switched on.
 */
import type { Identity } from './identify.ts';

interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

const DEFAULTS: Readonly<Record<Identity['service'], Latency>> = {
  dynamodb: { medianMs: 4, p99Ms: 15 },
  s3: { medianMs: 20, p99Ms: 120 },
  sqs: { medianMs: 8, p99Ms: 40 },
  lambda: { medianMs: 3, p99Ms: 25 },
};

const BY_OPERATION: Readonly<Record<string, Latency>> = {
  'dynamodb.GetItem': { medianMs: 2.5, p99Ms: 9 },
  'dynamodb.PutItem': { medianMs: 4, p99Ms: 14 },
  'dynamodb.TransactWriteItems': { medianMs: 10, p99Ms: 40 },
  's3.PutObject': { medianMs: 30, p99Ms: 160 },
  's3.CompleteMultipartUpload': { medianMs: 60, p99Ms: 400 },
};

/** The normal quantile of 0.99, which turns a p99 into a standard deviation. */
const Z99 = 2.3263;

/** One draw in milliseconds; `random` gives numbers in [0, 1). Never above 20 times the median. */
export function drawLatencyMs({ service, operation }: Identity, random: () => number): number {
  const { medianMs, p99Ms } = BY_OPERATION[`${service}.${operation}`] ?? DEFAULTS[service];
  const sigma = Math.log(p99Ms / medianMs) / Z99;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(medianMs * Math.exp(sigma * normal), medianMs * 20);
}
