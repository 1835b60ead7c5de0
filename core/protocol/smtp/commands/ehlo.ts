/** EHLO and HELO: who the client is, and what we can do (RFC 5321 4.1.1.1). Both reset. */
import { advertised } from '../capabilities.ts';
import type { SmtpContext } from '../context.ts';
import { type Reply, reply } from '../reply.ts';
import { anyState, type Handler } from './handler.ts';

// Domain or address literal; wider than the ABNF, since real clients say odd things, yet
// nothing that could break a trace header
const name = /^[A-Za-z0-9_.:[\]\u0080-\uffff-]{1,255}$/;

export const ehlo: Handler = {
  verb: 'EHLO',
  states: anyState,
  needs: '',
  syntax: 'EHLO name',
  run: async (context, argument) => greet(context, argument, true),
};

export const helo: Handler = {
  verb: 'HELO',
  states: anyState,
  needs: '',
  syntax: 'HELO name',
  run: async (context, argument) => greet(context, argument, false),
};

function greet(context: SmtpContext, argument: string, extended: boolean): Reply {
  if (!name.test(argument)) return reply(501, '5.5.4', 'Say your host name or address literal');
  context.open = undefined;
  context.helo = { name: argument, extended };
  const lines = extended ? advertised(context) : [];
  return { code: 250, status: '', lines: [context.settings.hostname, ...lines] };
}
