/** DELETE (RFC 3501 6.3.4): mailboxes below it stay, its name is \Noselect then. */
import { decideDelete } from '../../../mail/account/decide-delete.ts';
import { commitAll } from '../../../service/account/commit-all.ts';
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';
import { canonicalName } from './names.ts';
import { refused } from './refused.ts';

export const deleteMailbox: Handler<'DELETE'> = {
  state: 'authenticated',
  async run(context, { mailbox }) {
    const { account, selected, out } = context;
    const name = canonicalName(mailbox);
    const { refusal } = await commitAll(account, (state) => decideDelete(state, name));
    if (refusal) return refused(refusal);
    if (selected && !account.state.mailboxes.has(selected.id)) {
      out.line('* OK [CLOSED] The selected mailbox was deleted');
      context.select(undefined);
    }
    return ok('Deleted');
  },
};
