/** STAT: how many messages and octets, those marked as deleted left out (RFC 1939 5). */
import type { Handler } from '../handler.ts';
import { ok } from '../reply.ts';

export const stat: Handler = {
  keyword: 'STAT',
  state: 'transaction',
  args: [0, 0],
  run: (context, _command, { maildrop }) =>
    context.connection.write(ok(`${maildrop.count} ${maildrop.octets}`)),
};
