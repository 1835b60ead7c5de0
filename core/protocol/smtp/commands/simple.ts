/** The commands that change little: RSET, NOOP, VRFY, EXPN, HELP, QUIT (RFC 5321 4.1.1.5 to 4.1.1.10). */
import { farewell, reply } from '../reply.ts';
import { anyState, type Handler } from './handler.ts';

export const rset: Handler = {
  verb: 'RSET',
  states: anyState,
  needs: '',
  syntax: 'RSET',
  async run(context) {
    context.open = undefined;
    return reply(250, '2.0.0', 'OK');
  },
};

export const noop: Handler = {
  verb: 'NOOP',
  states: anyState,
  needs: '',
  syntax: 'NOOP',
  run: async () => reply(250, '2.0.0', 'OK'),
};

/** The same answer for everybody: which addresses exist is nobody's business (RFC 5321 7.3). */
export const vrfy: Handler = {
  verb: 'VRFY',
  states: anyState,
  needs: '',
  syntax: 'VRFY',
  run: async () => reply(252, '2.5.0', 'Cannot verify, but will take mail and try'),
};

export const expn: Handler = {
  verb: 'EXPN',
  states: anyState,
  needs: '',
  syntax: 'EXPN',
  run: async () => reply(502, '5.5.1', 'Lists are not shown'),
};

export const quit: Handler = {
  verb: 'QUIT',
  states: anyState,
  needs: '',
  syntax: 'QUIT',
  run: async () => farewell(221, '2.0.0', 'Bye'),
};
