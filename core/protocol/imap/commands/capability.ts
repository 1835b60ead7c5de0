/** CAPABILITY (RFC 3501 6.1.1). */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const capability: Handler<'CAPABILITY'> = {
  state: 'any',
  run(context) {
    context.out.line(`* ${context.capability}`);
    return ok('Those are the capabilities');
  },
};
