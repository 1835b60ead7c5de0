/** ENABLE (RFC 5161): only what may be enabled is echoed, the rest is ignored. */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

const enableable = ['CONDSTORE'];

export const enable: Handler<'ENABLE'> = {
  state: 'authenticated',
  capabilities: ['ENABLE'],
  run(context, { capabilities }) {
    const enabled = enableable.filter((name) => capabilities.includes(name));
    for (const name of enabled) context.enabled.add(name);
    context.out.line(['* ENABLED', ...enabled].join(' '));
    return ok('Enabled what can be');
  },
};
