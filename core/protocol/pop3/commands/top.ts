/** TOP: the header and the first n lines of the body (RFC 1939 7), by ranges that grow until they suffice. */
import type { MessageRecord } from '../../../mail/message-record.ts';
import type { Account } from '../../../service/account/contract.ts';
import { parseNumber } from '../command.ts';
import type { Handler } from '../handler.ts';
import { topFirstRangeOctets, topMaxRangeOctets } from '../limits.ts';
import { TopCutter } from '../multiline.ts';
import { err, noSuchMessage } from '../reply.ts';
import { sendMessage } from '../send-message.ts';

export const top: Handler = {
  keyword: 'TOP',
  state: 'transaction',
  args: [2, 2],
  async run({ connection }, { args }, { account, maildrop }) {
    const [number, lines] = args.map(parseNumber);
    if (lines === undefined) return connection.write(err('TOP needs a number of lines'));
    if (number === undefined || !maildrop.has(number)) return connection.write(noSuchMessage);
    const [record] = await account.records([maildrop.messageId(number)]);
    if (!record) throw new Error('a message of the maildrop has no record');
    await sendMessage(connection, 'top of message follows', topOctets(account, record, lines));
  },
};

async function* topOctets(
  account: Account,
  record: MessageRecord,
  lines: number,
): AsyncGenerator<Uint8Array> {
  const cutter = new TopCutter(lines);
  const { sizeBytes } = record.body;
  let range = topFirstRangeOctets;
  for (let start = 0; start < sizeBytes; ) {
    const end = Math.min(start + range, sizeBytes);
    const { octets, complete } = cutter.cut(await account.read(record, start, end));
    yield octets;
    if (complete) return;
    start = end;
    range = Math.min(range * 4, topMaxRangeOctets);
  }
}
