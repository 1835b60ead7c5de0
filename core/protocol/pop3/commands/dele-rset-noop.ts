/** DELE marks, RSET takes all marks back, NOOP does nothing (RFC 1939 5). Only QUIT deletes. */
import { parseNumber } from '../command.ts';
import type { Handler } from '../handler.ts';
import { noSuchMessage, ok } from '../reply.ts';

export const dele: Handler = {
  keyword: 'DELE',
  state: 'transaction',
  args: [1, 1],
  async run({ connection }, { args }, { maildrop }) {
    const number = parseNumber(args[0]);
    if (number === undefined || !maildrop.has(number)) return connection.write(noSuchMessage);
    maildrop.delete(number);
    await connection.write(ok(`message ${number} marked`));
  },
};

export const rset: Handler = {
  keyword: 'RSET',
  state: 'transaction',
  args: [0, 0],
  async run({ connection }, _command, { maildrop }) {
    maildrop.undeleteAll();
    await connection.write(ok(`${maildrop.count} messages`));
  },
};

export const noop: Handler = {
  keyword: 'NOOP',
  state: 'transaction',
  args: [0, 0],
  run: ({ connection }) => connection.write(ok()),
};
