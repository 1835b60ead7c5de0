/**
 * One input through one target within bounds: at most a second of processor time, 64 MB, and an
 * end at all. Whoever watches from another thread sees what never comes back.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Target } from './target.ts';

export const maxCpuMs = 1000;
export const maxGrownOctets = 64 * 1024 * 1024;
/** An end is waited for so long: sessions wait for timers too. */
const maxWaitMs = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What went wrong, undefined when nothing did. `thorough` begins with an empty heap. */
export async function attempt(target: Target, input: Buffer, thorough = false): Promise<string | undefined> {
  if (thorough) collectGarbage();
  const before = { octets: octetsInUse(), cpuMs: cpuMs() };
  const trouble = await outcome(target, input);
  if (trouble !== undefined) return trouble;
  const spentMs = cpuMs() - before.cpuMs;
  if (spentMs > maxCpuMs) return thorough ? 'took more than a second' : attempt(target, input, true);
  const grown = octetsInUse() - before.octets;
  if (grown > maxGrownOctets) return thorough ? 'took more than 64 MB' : attempt(target, input, true);
  return undefined;
}

async function outcome(target: Target, input: Buffer): Promise<string | undefined> {
  try {
    const running = target.run(input);
    if (running !== undefined) await inTime(running);
    return undefined;
  } catch (error) {
    return described(error);
  }
}

async function inTime(running: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('did not come to an end')), maxWaitMs);
  });
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

/** The first line of the error and where it came from: what tells findings apart. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const [first = ''] = error.message.split('\n');
  const from = error.stack?.split('\n').find((line) => /\/(core|local|test)\//.test(line)) ?? '';
  return `${error.name}: ${first} ${from.trim().replace(/\(.*\/((core|local|test)\/.*)\)/, '$1')}`;
}

function octetsInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Of this thread, so that a busy machine is no finding. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
