/** Deletes messages from INBOX whatever their flags: POP3 knows none. Those that are gone already are passed over. */
import { inboxId } from '../../mail/account/apply.ts';
import { decideExpunge } from '../../mail/account/decide-expunge.ts';
import { maxDepartures } from '../../mail/account/limits.ts';
import type { Uid } from '../../mail/ids.ts';
import { uidSetOf } from '../../mail/uid-set.ts';
import type { Account } from '../../service/account/contract.ts';

/**
 * One log entry, durable when it resolves; one more for every `maxDepartures` messages. Answers how
 * many left. Throws when an entry could not be appended or the account refuses.
 */
export async function expunge(account: Account, uids: readonly Uid[]): Promise<number> {
  const set = uidSetOf(uids);
  let deleted = 0;
  for (let left = uids.length; left > 0; left -= maxDepartures) {
    let leaving = 0;
    const committed = await account.commit((state) => {
      const decision = decideExpunge(state, inboxId, set, { anyFlags: true });
      leaving = 'append' in decision ? -decision.messagesDelta : 0;
      return decision;
    });
    if (committed.kind === 'refused') throw new Error(`expunge refused: ${committed.refusal.text}`);
    deleted += leaving;
    if (leaving < maxDepartures) break;
  }
  return deleted;
}
