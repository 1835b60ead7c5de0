/**
 * RETR: one message, streamed (RFC 1939 5). The first octets are fetched before +OK, so that a
 * failure can still be said; a failure after it can only cut the connection.
 */
import type { MessageRecord } from '../../../mail/message-record.ts';
import type { Account } from '../../../service/account/contract.ts';
import { parseNumber } from '../command.ts';
import type { Handler } from '../handler.ts';
import { readAheadOctets } from '../limits.ts';
import type { Maildrop } from '../maildrop.ts';
import { noSuchMessage } from '../reply.ts';
import { sendMessage } from '../send-message.ts';

export const retr: Handler = {
  keyword: 'RETR',
  state: 'transaction',
  args: [1, 1],
  async run(context, { args }, { account, maildrop }) {
    const number = parseNumber(args[0]);
    if (number === undefined || !maildrop.has(number)) return context.connection.write(noSuchMessage);
    const record = await recordOf(account, maildrop, number);
    // Two in a row, and most likely the client wants them all.
    if (number === context.lastRetrieved + 1 && maildrop.has(number + 1))
      readAhead(account, maildrop, number + 1);
    context.lastRetrieved = number;
    await sendMessage(
      context.connection,
      `${maildrop.sizeOf(number)} octets`,
      account.stream(record, 0, record.body.sizeBytes),
    );
    context.retrieved += 1;
  },
};

async function recordOf(account: Account, maildrop: Maildrop, number: number): Promise<MessageRecord> {
  const [record] = await account.records([maildrop.messageId(number)]);
  if (!record) throw new Error('a message of the maildrop has no record');
  return record;
}

/** Has the next message fetched while this one is sent. Whoever asks for it hears of failures. */
function readAhead(account: Account, maildrop: Maildrop, number: number): void {
  recordOf(account, maildrop, number)
    .then((record) => {
      const { sizeBytes } = record.body;
      return sizeBytes <= readAheadOctets ? account.read(record, 0, sizeBytes) : undefined;
    })
    .catch(() => {});
}
