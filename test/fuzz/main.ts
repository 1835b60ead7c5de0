/**
 * `npm run fuzz -- --target mime --seconds 60 --seed 1`: fuzzes one target, or each for so long.
 * Findings are stored as seeds; the test replays them. Ends with `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { maxInputOctets } from './mutate.ts';
import { keep } from './seeds.ts';
import { targetNamed, targets } from './targets/all.ts';
import { headOctets, type Job, type Told } from './worker.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
/** An input that takes longer never comes back; the limit of a second is checked in the thread. */
const hangMs = 45_000;
const heapMegabytes = 700;

const chosen = values.target === undefined ? targets : [targetNamed(values.target)];
const counts = { passed: 0, failed: 0 };
for (const { name } of chosen) await fuzz(name);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function fuzz(target: string): Promise<void> {
  const underWay = new SharedArrayBuffer(headOctets + maxInputOctets);
  const workerData: Job = { target, seed, seconds, underWay };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  const failed = (trouble: string, octets: Uint8Array) => {
    counts.failed++;
    console.log(`${target}: ${trouble}\n  ${keep(target, Buffer.from(octets))}`);
  };
  const current = () => {
    const [, length = 0] = new Int32Array(underWay, 0, 2);
    return new Uint8Array(underWay, headOctets, length).slice();
  };
  worker.on('message', (told: Told) => {
    if (told.kind === 'finding') return failed(told.trouble, told.octets);
    console.log(`${target}: ${told.runs} inputs, ${told.corpus} kept, ${told.news} pieces of news`);
    if (told.kind === 'end') counts.passed += told.runs;
  });
  worker.on('error', (error) => failed(`ended with ${error.message}`, current()));
  await watched(worker, new Int32Array(underWay, 0, 2), () => failed('never came back', current()));
}

/** Resolves when the thread has ended, be it by force. */
function watched(worker: Worker, head: Int32Array, onHang: () => void): Promise<void> {
  return new Promise((resolve) => {
    let last = { count: 0, atMs: performance.now() };
    const timer = setInterval(() => {
      const count = Atomics.load(head, 0);
      if (count !== last.count) last = { count, atMs: performance.now() };
      else if (performance.now() - last.atMs > hangMs) {
        onHang();
        void worker.terminate();
      }
    }, 500);
    worker.on('exit', () => {
      clearInterval(timer);
      resolve();
    });
  });
}
