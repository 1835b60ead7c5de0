/** STARTTLS (RFC 3207): the session begins anew under TLS, and forgets what was said in clear. */
import { reply } from '../reply.ts';
import { anyState, type Handler } from './handler.ts';

export const starttls: Handler = {
  verb: 'STARTTLS',
  states: anyState,
  needs: '',
  syntax: 'STARTTLS',
  async run({ settings, connection }, argument) {
    if (argument !== '') return reply(501, '5.5.4', 'STARTTLS takes no argument');
    if (connection.encrypted) return reply(503, '5.5.1', 'TLS is on already');
    if (!settings.tls) return reply(502, '5.5.1', 'TLS is not to be had here');
    return { ...reply(220, '2.0.0', 'Go ahead'), after: 'start-tls' };
  },
};
