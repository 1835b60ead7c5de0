/**
 * Keeps a lease while some work goes on, and tells the work when the lease was lost, so that two
 * relays do not deliver the same message.
 */
import type { LeasedJob, OutboundStore } from '../../mail/ports/outbound.ts';

interface Holder {
  readonly store: Pick<OutboundStore, 'renew'>;
  readonly now: () => number;
}

/** Runs the work; its signal aborts when the lease was taken, or could not be renewed before it ran out. */
export async function holding<Result>(
  leased: LeasedJob,
  { store, now }: Holder,
  { leaseMs }: { readonly leaseMs: number },
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  let leaseUntilMs = leased.leaseUntilMs;
  let renewing = false;
  const beat = async () => {
    // The store is away, or does not answer: the lease still stands until its time.
    if (renewing) return now() >= leaseUntilMs ? lost.abort() : undefined;
    renewing = true;
    const untilMs = now() + leaseMs;
    try {
      if (await store.renew(leased, untilMs)) leaseUntilMs = untilMs;
      else lost.abort();
    } catch {
      if (now() >= leaseUntilMs) lost.abort();
    }
    renewing = false;
  };
  const timer = setInterval(beat, leaseMs / 3);
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
}
