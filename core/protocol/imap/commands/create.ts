/** CREATE (RFC 3501 6.3.3), USE (RFC 6154 3): superior names that are missing come with it. */
import { decideCreate } from '../../../mail/account/decide-create.ts';
import { parseMailboxName } from '../../../mail/mailbox-name.ts';
import { commitAll } from '../../../service/account/commit-all.ts';
import type { Handler } from '../handler.ts';
import { no, ok } from '../response/status.ts';
import { refused } from './refused.ts';

export const create: Handler<'CREATE'> = {
  state: 'authenticated',
  capabilities: ['CREATE-SPECIAL-USE'],
  async run({ account, deps }, { mailbox, specialUse }) {
    const parsed = parseMailboxName(mailbox);
    if ('invalid' in parsed) return no('CANNOT', parsed.invalid);
    // RFC 6154 3: All and Flagged would have to be views of other mailboxes.
    if (
      specialUse !== undefined &&
      !['\\Archive', '\\Drafts', '\\Junk', '\\Sent', '\\Trash'].includes(specialUse)
    ) {
      return no('USEATTR', 'No mailbox can have that use');
    }
    const wish = { name: parsed.name, specialUse, mint: () => deps.ids.mailboxId(), nowMs: deps.clock.now() };
    const { refusal } = await commitAll(account, (state) => decideCreate(state, wish));
    if (refusal?.code === 'CANNOT' && specialUse !== undefined) return no('USEATTR', refusal.text);
    return refusal ? refused(refusal) : ok('Created');
  },
};
