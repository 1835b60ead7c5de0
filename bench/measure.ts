/** Runs operations over some connections for a time and sums up: rate, latencies, server CPU. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf } from './process-tree.ts';

export interface Load {
  readonly connections: number;
  /** No operation starts after this; one is always run. */
  readonly seconds: number;
  /** Operations at most. */
  readonly most?: number;
  /** Server CPU is counted until the server rests: it answers before its work is done. */
  readonly settle?: boolean;
}

/** What one connection does. */
export interface Worker {
  /** Prepares one operation, off the clock; its server CPU is counted. */
  readonly before?: () => Promise<unknown>;
  /** One operation; `n` counts those of all workers. */
  readonly step: (n: number) => Promise<unknown>;
  /** Milliseconds of the last operation to count as its latency, where that is not all of its time. */
  readonly lap?: () => number;
  readonly close: () => Promise<unknown> | unknown;
}

export interface Sample {
  readonly operations: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of the server, per operation: the same number as CPU seconds per 1,000 operations. */
  readonly cpuMs: number;
  /** Share of the time in which the driver itself was busy; near 1 it was the driver that was measured. */
  readonly driverBusy: number;
}

/** Connections are opened before the clock starts and closed after it stopped. */
export async function measure(
  load: Load,
  roots: readonly number[],
  open: (worker: number) => Promise<Worker>,
): Promise<Sample> {
  const workers = await Promise.all(Array.from({ length: load.connections }, (_, index) => open(index)));
  try {
    return await timed(load, roots, workers);
  } finally {
    await Promise.allSettled(workers.map((worker) => worker.close()));
  }
}

async function timed(load: Load, roots: readonly number[], workers: readonly Worker[]): Promise<Sample> {
  const latencies: number[] = [];
  const cpuBefore = cpuMsOf(roots);
  const loopBefore = performance.eventLoopUtilization();
  const start = performance.now();
  const deadline = start + load.seconds * 1000;
  const most = load.most ?? Number.POSITIVE_INFINITY;
  let started = 0;
  let offMs = 0;
  const run = async ({ before, step, lap }: Worker) => {
    do {
      const n = started++;
      const prepared = performance.now();
      await before?.();
      const began = performance.now();
      offMs += began - prepared;
      await step(n);
      latencies.push(lap?.() ?? performance.now() - began);
    } while (performance.now() < deadline && started < most);
  };
  await Promise.all(workers.map(run));
  const elapsedMs = performance.now() - start - offMs / workers.length;
  const driverBusy = performance.eventLoopUtilization(loopBefore).utilization;
  if (load.settle) await rest(roots);
  else await sleep(50); // a child that just ended is counted once its parent waited for it
  const cpuMs = (cpuMsOf(roots) - cpuBefore) / latencies.length;
  return summed(latencies, elapsedMs, cpuMs, driverBusy);
}

function summed(latencies: readonly number[], elapsedMs: number, cpuMs: number, driverBusy: number): Sample {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    operations: sorted.length,
    perSecond: (sorted.length * 1000) / elapsedMs,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    cpuMs,
    driverBusy,
  };
}

const restStepMs = 200;
const restSteps = 3;
const restLimitMs = 60_000;

/** Resolves when the trees used next to no CPU for a while, or after a minute. */
async function rest(roots: readonly number[]): Promise<void> {
  const limit = performance.now() + restLimitMs;
  let before = cpuMsOf(roots);
  for (let quiet = 0; quiet < restSteps && performance.now() < limit; ) {
    await sleep(restStepMs);
    const now = cpuMsOf(roots);
    quiet = now - before <= 10 ? quiet + 1 : 0;
    before = now;
  }
}
