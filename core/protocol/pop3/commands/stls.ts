/** STLS: TLS from here on (RFC 2595 4). What the client said before is forgotten, pipelined clear text is dropped. */
import type { Handler } from '../handler.ts';
import { err, ok } from '../reply.ts';

export const stls: Handler = {
  keyword: 'STLS',
  state: 'authorization',
  args: [0, 0],
  async run(context) {
    const { connection, deps } = context;
    if (connection.encrypted) return connection.write(err('TLS is active already'));
    if (!deps.tls) return connection.write(err('TLS is not available'));
    await connection.write(ok('Begin TLS negotiation'));
    await connection.startTls(deps.tls);
    context.user = undefined;
  },
};
