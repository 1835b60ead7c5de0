/** LOGOUT (RFC 3501 6.1.3). */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const logout: Handler<'LOGOUT'> = {
  state: 'any',
  run(context) {
    context.out.line('* BYE Logging out');
    context.quit();
    return ok('Goodbye');
  },
};
