/** SUBSCRIBE and UNSUBSCRIBE (RFC 3501 6.3.6, 6.3.7); the name need not exist. */
import { decideSubscribe } from '../../../mail/account/decide-subscribe.ts';
import { parseMailboxName } from '../../../mail/mailbox-name.ts';
import type { CommandOf } from '../command.ts';
import type { AuthenticatedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { no, ok, type Status } from '../response/status.ts';
import { refused } from './refused.ts';

export const subscribe: Handler<'SUBSCRIBE'> = { state: 'authenticated', run };
export const unsubscribe: Handler<'UNSUBSCRIBE'> = { state: 'authenticated', run };

async function run(
  { account }: AuthenticatedContext,
  { name, mailbox }: CommandOf<'SUBSCRIBE'>,
): Promise<Status> {
  const parsed = parseMailboxName(mailbox);
  if ('invalid' in parsed) return no('CANNOT', parsed.invalid);
  const subscribed = name === 'SUBSCRIBE';
  const committed = await account.commit((state) => decideSubscribe(state, parsed.name, subscribed));
  if (committed.kind === 'refused') return refused(committed.refusal);
  return ok(subscribed ? 'Subscribed' : 'Unsubscribed');
}
