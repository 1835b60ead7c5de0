/** The waits that made a client wait: the longest row of requests that began only after the one before had ended. */
import type { TracedRequest } from '../../test/support/request-trace.ts';

interface Chain {
  readonly names: readonly string[];
  readonly tookMs: number;
}

/** An invocation spans what the function asks, so it is left out; its own wait comes on top. */
export function longestChain(requests: readonly TracedRequest[]): Chain {
  const inner = requests
    .filter(({ name }) => name !== 'Invoke' && name !== 'ReceiveMessage')
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

function longest<One extends Chain>(chains: readonly One[]): One | undefined {
  return chains.reduce<One | undefined>(
    (best, chain) => (best === undefined || chain.tookMs > best.tookMs ? chain : best),
    undefined,
  );
}
