/** Memory of the server from /proc, and whether it stays what it was. Linux only. */
import { readFileSync } from 'node:fs';
import { treeOf } from '../process-tree.ts';

export interface Memory {
  readonly rssMegabytes: number;
  /** Anonymous memory: heap, buffers, stacks. */
  readonly anonymousMegabytes: number;
}

export function memoryNow(roots: readonly number[]): Memory {
  const texts = treeOf(roots).map(({ pid }) => readFileSync(`/proc/${pid}/status`, 'latin1'));
  const sum = (field: string) =>
    texts.reduce(
      (total, text) => total + Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
      0,
    ) / 1024;
  return { rssMegabytes: sum('VmRSS'), anonymousMegabytes: sum('RssAnon') };
}

/** Growth of the mean of the last third over the mean of the middle third: 0.1 for 10 %. */
export function growthOf(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return 0;
  const last = mean(samples.slice(-third));
  return last / mean(samples.slice(-2 * third, -third)) - 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
