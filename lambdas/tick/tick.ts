/**
 * What runs every minute: jobs that are due and that no wake-up is under way for are handed to
 * the queue again. A lost queue message costs time only, because of this.
 */
import type { OutboundStore } from '../../core/mail/ports/outbound.ts';

/** Jobs woken in one run; more of them wait for the next minute. */
export const maxWokenPerTick = 1000;
const pageSize = 100;

/** How many jobs were woken. `remainingMs` says what is left of the run. */
export async function wakeDueJobs(
  store: Pick<OutboundStore, 'due' | 'wake'>,
  now: () => number,
  remainingMs: () => number,
): Promise<number> {
  let woken = 0;
  while (woken < maxWokenPerTick && remainingMs() > 10_000) {
    const jobs = await store.due(now(), pageSize);
    await Promise.all(jobs.map(({ tenant, jobId }) => store.wake(tenant, jobId, 0)));
    woken += jobs.length;
    if (jobs.length === 0) break;
  }
  return woken;
}
