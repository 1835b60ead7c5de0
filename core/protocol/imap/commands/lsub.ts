/** LSUB (RFC 3501 6.3.9): the subscribed names, whether or not there is such a mailbox. */
import { ancestorsOf, delimiter, matcher } from '../../../mail/mailbox-name.ts';
import type { Handler } from '../handler.ts';
import { encodeMailbox } from '../parse/mailbox.ts';
import { no, ok } from '../response/status.ts';
import { inboxFirst } from './list.ts';

export const lsub: Handler<'LSUB'> = {
  state: 'authenticated',
  async run(context, { reference, pattern }) {
    if (pattern === '') {
      context.out.line(`* LSUB (\\Noselect) "${delimiter}" ""`);
      return ok('That is the root');
    }
    const matches = matcher(reference + pattern);
    if (!matches) return no('LIMIT', 'Too many wildcards');
    await context.look();
    const { subscriptions } = context.account.state;
    // RFC 3501 6.3.9: where % stops at a parent that is not subscribed itself, it is \Noselect.
    const parents = pattern.includes('%') ? [...subscriptions].flatMap(ancestorsOf) : [];
    const names = [...new Set([...subscriptions, ...parents])].filter(matches);
    for (const name of names.sort(inboxFirst)) {
      const attributes = subscriptions.has(name) ? '' : '\\Noselect';
      context.out.line(`* LSUB (${attributes}) "${delimiter}" ${encodeMailbox(name)}`);
    }
    return ok('Those are the subscriptions');
  },
};
