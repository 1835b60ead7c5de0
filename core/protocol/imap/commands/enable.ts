/** ENABLE (RFC 5161): only what may be enabled is echoed, the rest is ignored. */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

const enableable = ['CONDSTORE'];

export const enable: Handler<'ENABLE'> = {
  state: 'logged-in',
  capabilities: ['ENABLE'],
  run(context, { capabilities }) {
    const enabled = enableable.filter((name) => capabilities.includes(name));
    const { selected, out } = context;
    const condstoreNow = enabled.includes('CONDSTORE') && !context.enabled.has('CONDSTORE');
    for (const name of enabled) context.enabled.add(name);
    out.line(['* ENABLED', ...enabled].join(' '));
    // RFC 7162 3.1: from here on the client goes by mod-sequences, so it is told where the mailbox stands.
    if (condstoreNow && selected) {
      out.line(`* OK [HIGHESTMODSEQ ${selected.mailbox.highestModSeq}] The highest mod-sequence`);
    }
    return ok('Enabled what can be');
  },
};
