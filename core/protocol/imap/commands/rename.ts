/** RENAME (RFC 3501 6.3.5): with all below it; INBOX gives its messages to a new mailbox. */
import { decideRename } from '../../../mail/account/decide-rename.ts';
import { parseMailboxName } from '../../../mail/mailbox-name.ts';
import { commitAll } from '../../../service/account/commit-all.ts';
import type { Handler } from '../handler.ts';
import { no, ok } from '../response/status.ts';
import { canonicalName } from './names.ts';
import { refused } from './refused.ts';

export const rename: Handler<'RENAME'> = {
  state: 'authenticated',
  async run({ account, deps }, { from, to }) {
    const parsed = parseMailboxName(to);
    if ('invalid' in parsed) return no('CANNOT', parsed.invalid);
    const wish = {
      from: canonicalName(from),
      to: parsed.name,
      target: deps.ids.mailboxId(),
      mint: () => deps.ids.mailboxId(),
      nowMs: deps.clock.now(),
    };
    const { refusal } = await commitAll(account, (state) => decideRename(state, wish));
    return refusal ? refused(refusal) : ok('Renamed');
  },
};
