/** USER and PASS (RFC 1939 7), under TLS only. USER accepts any name: it tells nobody who exists. */
import { mayAuthenticate } from '../context.ts';
import type { Handler } from '../handler.ts';
import { err, ok } from '../reply.ts';

const needsTls = err('Use STLS first: passwords are taken under TLS only');

export const user: Handler = {
  keyword: 'USER',
  state: 'authorization',
  args: [1, 1],
  async run(context, { rest }) {
    if (!mayAuthenticate(context)) return context.connection.write(needsTls);
    context.user = rest.trimEnd();
    await context.connection.write(ok('Password please'));
  },
};

export const pass: Handler = {
  keyword: 'PASS',
  state: 'authorization',
  args: [1, Number.POSITIVE_INFINITY],
  async run(context, { rest }) {
    if (!mayAuthenticate(context)) return context.connection.write(needsTls);
    const login = context.user;
    if (login === undefined) return context.connection.write(err('USER first'));
    context.user = undefined;
    await context.logIn({ authorize: '', login, password: rest });
  },
};
