/** CAPA: what this server does, now (RFC 2449 5). A capability stands here only beside its handler. */
import { mechanisms } from '../../../auth/sasl/sasl.ts';
import { type Context, mayAuthenticate } from '../context.ts';
import type { Handler } from '../handler.ts';

export const capa: Handler = {
  keyword: 'CAPA',
  state: 'any',
  args: [0, 0],
  run: (context) => context.connection.write(`+OK\r\n${capabilities(context).join('\r\n')}\r\n.\r\n`),
};

export function capabilities(context: Context): readonly string[] {
  return [
    'TOP',
    'UIDL',
    'RESP-CODES',
    'AUTH-RESP-CODE', // RFC 3206
    'PIPELINING',
    'EXPIRE NEVER', // RFC 2449 6.7: we delete nothing by ourselves
    // The same before and after the login (RFC 2449 6.2, 6.3 and RFC 2595 4: no differences).
    ...(mayAuthenticate(context) ? ['USER', `SASL ${mechanisms.join(' ')}`] : []),
    ...(context.deps.tls && !context.connection.encrypted ? ['STLS'] : []),
    'IMPLEMENTATION Postfold',
  ];
}
