/** NAMESPACE (RFC 2342): all mailboxes are personal, below one root. */
import { delimiter } from '../../../mail/mailbox-name.ts';
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const namespace: Handler<'NAMESPACE'> = {
  state: 'logged-in',
  capabilities: ['NAMESPACE'],
  run(context) {
    context.out.line(`* NAMESPACE (("" "${delimiter}")) NIL NIL`);
    return ok('That is the namespace');
  },
};
