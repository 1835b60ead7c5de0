/**
 * GETQUOTA and GETQUOTAROOT (RFC 9208 4.1): one root, '', for the whole account, and none where it has no limit:
 * a QUOTA response lists at least one resource. SETQUOTA is not offered.
 */
import { mailboxNamed } from '../../../mail/account/state.ts';
import type { AuthenticatedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { encodeMailbox } from '../parse/mailbox.ts';
import { no, ok } from '../response/status.ts';
import { canonicalName } from './names.ts';

export const getQuota: Handler<'GETQUOTA'> = {
  state: 'authenticated',
  capabilities: ['QUOTA', 'QUOTA=RES-STORAGE'],
  async run(context, { root }) {
    if (root !== '' || context.account.quotaBytes === 0)
      return no('NONEXISTENT', 'There is no such quota root');
    await context.look();
    writeQuota(context);
    return ok('That is the quota');
  },
};

export const getQuotaRoot: Handler<'GETQUOTAROOT'> = {
  state: 'authenticated',
  async run(context, { mailbox }) {
    const { account, out } = context;
    await context.look();
    const name = canonicalName(mailbox);
    if (!mailboxNamed(account.state, name)) return no('NONEXISTENT', 'There is no such mailbox');
    const isLimited = account.quotaBytes > 0;
    out.line(`* QUOTAROOT ${encodeMailbox(name)}${isLimited ? ' ""' : ''}`);
    if (isLimited) writeQuota(context);
    return ok('That is the quota root');
  },
};

/** RFC 9208 5.1: STORAGE counts units of 1024 octets. */
function writeQuota({ account, out }: AuthenticatedContext): void {
  const { quotaBytes, state } = account;
  const used = Math.ceil(state.totals.bytes / 1024);
  out.line(`* QUOTA "" (STORAGE ${used} ${Math.floor(quotaBytes / 1024)})`);
}
