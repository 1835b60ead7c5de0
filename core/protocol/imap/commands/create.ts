/** CREATE (RFC 3501 6.3.3): superior names that are missing come with it. */
import { decideCreate } from '../../../mail/account/decide-create.ts';
import { parseMailboxName } from '../../../mail/mailbox-name.ts';
import { commitAll } from '../../../service/account/commit-all.ts';
import type { Handler } from '../handler.ts';
import { no, ok } from '../response/status.ts';
import { refused } from './refused.ts';

export const create: Handler<'CREATE'> = {
  state: 'authenticated',
  async run({ account, deps }, { mailbox }) {
    const parsed = parseMailboxName(mailbox);
    if ('invalid' in parsed) return no('CANNOT', parsed.invalid);
    const wish = { name: parsed.name, mint: () => deps.ids.mailboxId(), nowMs: deps.clock.now() };
    const { refusal } = await commitAll(account, (state) => decideCreate(state, wish));
    return refusal ? refused(refusal) : ok('Created');
  },
};
