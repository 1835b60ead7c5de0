/** Makes the input of a finding small: leaves pieces out for as long as the same still goes wrong. */
import { attempt } from './attempt.ts';
import type { Target } from './target.ts';

const maxMs = 15_000;

export async function minimised(target: Target, input: Buffer, trouble: string): Promise<Buffer> {
  const untilMs = performance.now() + maxMs;
  let smallest = input;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length; ) {
      if (performance.now() > untilMs) return smallest;
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if ((await attempt(target, shorter)) === trouble) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}
