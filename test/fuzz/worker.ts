/** One target in a thread of its own, with coverage. Tells the parent what is under way, so that a hang can be named. */
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import { Fuzzer } from './fuzzer.ts';
import { seedsOf } from './seeds.ts';
import { targetNamed } from './targets/all.ts';

export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  /** Two numbers (how many inputs, octets of the current one), then the current input. */
  readonly underWay: SharedArrayBuffer;
}

export type Told =
  | { readonly kind: 'finding'; readonly trouble: string; readonly octets: Uint8Array }
  | {
      readonly kind: 'progress' | 'end';
      readonly runs: number;
      readonly corpus: number;
      readonly news: number;
    };

/** Octets of `underWay` before the input. */
export const headOctets = 8;

if (parentPort !== null) {
  const tell = (told: Told) => parentPort?.postMessage(told);
  await work(workerData as Job, tell);
}

async function work(job: Job, tell: (told: Told) => void): Promise<void> {
  const head = new Int32Array(job.underWay, 0, 2);
  const current = new Uint8Array(job.underWay, headOctets);
  const coverage = new Coverage();
  const target = targetNamed(job.target);
  const fuzzer = new Fuzzer(target, {
    seed: job.seed,
    untilMs: performance.now() + job.seconds * 1000,
    seeds: seedsOf(job.target).map(({ octets }) => octets),
    coverage,
    large: true,
    before: (input) => {
      current.set(input);
      Atomics.store(head, 1, input.length);
      Atomics.add(head, 0, 1);
    },
    onFinding: ({ trouble, octets }) => tell({ kind: 'finding', trouble, octets }),
  });
  const counts = () => ({ runs: fuzzer.runs, corpus: fuzzer.corpus.length, news: coverage.news });
  const timer = setInterval(() => tell({ kind: 'progress', ...counts() }), 10_000);
  await fuzzer.run();
  clearInterval(timer);
  await target.close?.();
  coverage.close();
  tell({ kind: 'end', ...counts() });
}
