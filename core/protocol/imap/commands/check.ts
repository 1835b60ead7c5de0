/** CHECK (RFC 3501 6.4.1): all is durable already, so it is a NOOP. */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const check: Handler<'CHECK'> = {
  state: 'selected',
  async run(context) {
    await context.look();
    return ok('All is durable');
  },
};
