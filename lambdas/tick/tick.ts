/**
 * What runs every minute: jobs that are due and that no wake-up is under way for are handed to
 * the queue again. A lost queue message costs time only, because of this.
 */
import type { OutboundStore } from '../../core/mail/ports/outbound.ts';

/** Jobs woken in one run, more than relays work off in a minute; the rest waits for the next one. */
export const maxWokenPerTick = 5000;
const wakesInFlight = 100;
/** What a run needs at most. */
const leastTimeMs = 10_000;

/** How many jobs were woken. `remainingMs` says what is left of the run. */
export async function wakeDueJobs(
  store: Pick<OutboundStore, 'due' | 'wake'>,
  now: () => number,
  remainingMs: () => number,
): Promise<number> {
  if (remainingMs() < leastTimeMs) return 0;
  // Asked once: the index lags, and would name the same jobs again.
  const jobs = await store.due(now(), maxWokenPerTick);
  for (let at = 0; at < jobs.length; at += wakesInFlight)
    await Promise.all(
      jobs.slice(at, at + wakesInFlight).map(({ tenant, jobId }) => store.wake(tenant, jobId, 0)),
    );
  return jobs.length;
}
