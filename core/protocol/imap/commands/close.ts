/** CLOSE (RFC 3501 6.4.2): expunges without a word, unless the mailbox is read-only. */
import { decideExpunge } from '../../../mail/account/decide-expunge.ts';
import { commitAll } from '../../../service/account/commit-all.ts';
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const close: Handler<'CLOSE'> = {
  state: 'selected',
  async run(context) {
    const { account, selected } = context;
    if (!selected.readOnly) await commitAll(account, (state) => decideExpunge(state, selected.id));
    context.select(undefined);
    return ok('Closed');
  },
};
