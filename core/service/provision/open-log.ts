/** The first entry of a new account's log, put through the log port. */
import { openingEntry } from '../../mail/account/opening.ts';
import type { AccountKey } from '../../mail/ids.ts';
import type { Ids } from '../../mail/ports/clock.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';

/** Makes `Provision.openLog`. Losing the race for entry 1 means that the log is open: harmless. */
export function logOpener(
  log: LogStore,
  ids: Pick<Ids, 'entryId'>,
  now: () => number,
): (account: AccountKey) => Promise<void> {
  return async (account) => {
    await log.append(account, openingEntry(ids.entryId(), now()));
  };
}
