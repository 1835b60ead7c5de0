/** NOOP (RFC 3501 6.1.2): a poll, so it looks at the log's end first. */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const noop: Handler<'NOOP'> = {
  state: 'any',
  async run(context) {
    await context.look();
    return ok('Done nothing');
  },
};
