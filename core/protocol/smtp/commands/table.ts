/** All commands by verb. HELP is made here, since it lists the others. */
import { reply } from '../reply.ts';
import { auth } from './auth.ts';
import { data } from './data.ts';
import { ehlo, helo } from './ehlo.ts';
import { anyState, type Handler } from './handler.ts';
import { mail } from './mail.ts';
import { rcpt } from './rcpt.ts';
import { expn, noop, quit, rset, vrfy } from './simple.ts';
import { starttls } from './starttls.ts';

const help: Handler = {
  verb: 'HELP',
  states: anyState,
  needs: '',
  syntax: 'HELP [command]',
  async run(_context, argument) {
    const asked = commands.get(argument.toUpperCase());
    return reply(214, '2.0.0', asked ? asked.syntax : [...commands.keys()].join(' '));
  },
};

const all = [ehlo, helo, mail, rcpt, data, rset, noop, vrfy, expn, help, quit, starttls, auth];

export const commands: ReadonlyMap<string, Handler> = new Map(all.map((handler) => [handler.verb, handler]));
