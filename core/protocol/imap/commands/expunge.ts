/** EXPUNGE (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315 2.1); the responses come from the view's update. */
import { decideExpunge } from '../../../mail/account/decide-expunge.ts';
import { resolveSequenceSet } from '../../../mail/uid-set.ts';
import { commitAll } from '../../../service/account/commit-all.ts';
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';
import { readOnly, refused } from './refused.ts';

export const expunge: Handler<'EXPUNGE'> = {
  state: 'selected',
  async run({ account, selected }, { uids }) {
    if (selected.readOnly) return readOnly;
    const largest = selected.count === 0 ? 0 : (selected.columns.uid[selected.count - 1] ?? 0);
    const only = uids && resolveSequenceSet(uids, largest);
    const { refusal } = await commitAll(account, (state) => decideExpunge(state, selected.id, only));
    return refusal ? refused(refusal) : ok('Expunged');
  },
};
