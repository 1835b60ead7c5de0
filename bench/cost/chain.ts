/** The waits that made a client wait: the longest row of requests that began only after the one before had ended. */
import type { TracedRequest } from '../../test/support/request-trace.ts';

/** Medians as in slow-aws.ts, in milliseconds. */
const medianMs: Readonly<Record<string, number>> = { GetItem: 3.5, GetObject: 20, PutObject: 30, Invoke: 15 };
const otherMs = 5;

interface Chain {
  readonly names: readonly string[];
  readonly tookMs: number;
}

/** An invocation spans what the function asks, so it is left out; its own wait comes on top. */
export function longestChain(requests: readonly TracedRequest[]): Chain {
  const inner = requests
    .filter(({ name }) => !/^(Invoke|ReceiveMessage)/.test(name))
    .sort((one, other) => one.beganMs - other.beganMs);
  const chains: (Chain & { readonly endedMs: number })[] = [];
  for (const { name, beganMs, endedMs } of inner) {
    const before = longest(chains.filter((chain) => chain.endedMs <= beganMs));
    chains.push({
      names: [...(before?.names ?? []), name],
      tookMs: (before?.tookMs ?? 0) + endedMs - beganMs,
      endedMs,
    });
  }
  return longest(chains) ?? { names: [], tookMs: 0 };
}

/** What the waits alone add up to when each takes its median. */
export function medianOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (medianMs[name.split(' ')[0] ?? ''] ?? otherMs), 0);
}

function longest<One extends Chain>(chains: readonly One[]): One | undefined {
  return chains.reduce<One | undefined>(
    (best, chain) => (best === undefined || chain.tookMs > best.tookMs ? chain : best),
    undefined,
  );
}
