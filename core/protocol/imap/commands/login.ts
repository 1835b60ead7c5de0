/** LOGIN (RFC 3501 6.2.3). */
import type { Handler } from '../handler.ts';
import { checkCredentials } from './check-credentials.ts';

export const login: Handler<'LOGIN'> = {
  state: 'not-authenticated',
  run: (context, { user, password }) => checkCredentials(context, { authorize: '', login: user, password }),
};
