/** UNSELECT (RFC 3691): as CLOSE, and nothing is expunged. */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const unselect: Handler<'UNSELECT'> = {
  state: 'selected',
  capabilities: ['UNSELECT'],
  run(context) {
    context.select(undefined);
    return ok('Closed, nothing expunged');
  },
};
