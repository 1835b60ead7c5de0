/**
 * RETR: one message, streamed (RFC 1939 5). The first octets are fetched before +OK, so that a
 * failure can still be said; a failure after it can only cut the connection.
 */
import { parseNumber } from '../command.ts';
import type { Handler } from '../handler.ts';
import { noSuchMessage } from '../reply.ts';
import { sendMessage } from '../send-message.ts';

export const retr: Handler = {
  keyword: 'RETR',
  state: 'transaction',
  args: [1, 1],
  async run(context, { args }, { account, maildrop }) {
    const number = parseNumber(args[0]);
    if (number === undefined || !maildrop.has(number)) return context.connection.write(noSuchMessage);
    const [record] = await account.records([maildrop.messageId(number)]);
    if (!record) throw new Error('a message of the maildrop has no record');
    await sendMessage(
      context.connection,
      `${maildrop.sizeOf(number)} octets`,
      account.stream(record, 0, record.body.sizeBytes),
    );
    context.retrieved += 1;
  },
};
