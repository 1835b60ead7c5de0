/** STARTTLS (RFC 3501 6.2.1, RFC 9051 11.1): what the client sent in clear behind it is dropped. */
import type { Handler } from '../handler.ts';
import { bad, ok } from '../response/status.ts';

export const starttls: Handler<'STARTTLS'> = {
  state: 'not-authenticated',
  async run(context) {
    if (context.connection.encrypted) return bad('TLS is active already');
    if (!context.settings.tls) return bad('TLS is not available here');
    context.afterReply(() => context.startTls());
    return ok('Begin TLS negotiation now');
  },
};
