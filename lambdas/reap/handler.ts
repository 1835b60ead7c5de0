/** The `reap` Lambda: by its schedule, deletes what nobody can ask for any more (docs/log.md, "Reaping"). */
import { openClients } from '../../core/store/clients.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { createReaper } from './reaper.ts';
import { readReapSettings } from './settings.ts';

/** Time at the end of a run for what is under way. */
const spareMs = 60_000;

const reap = createReaper(openClients({}), readReapSettings(process.env), systemClock, (what, cause) =>
  console.error(JSON.stringify({ event: 'reap-problem', what, error: String(cause) })),
);

export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const report = await reap(Math.max(0, context.getRemainingTimeInMillis() - spareMs));
  console.log(JSON.stringify({ event: 'reap', ...report }));
}
