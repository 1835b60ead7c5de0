/** LIST and UIDL, of one message or of all (RFC 1939 5 and 7). */
import { type Command, parseNumber } from '../command.ts';
import type { Context } from '../context.ts';
import type { Handler } from '../handler.ts';
import { listingChunkOctets } from '../limits.ts';
import type { Maildrop } from '../maildrop.ts';
import { noSuchMessage, ok } from '../reply.ts';

export const list: Handler = {
  keyword: 'LIST',
  state: 'transaction',
  args: [0, 1],
  run: (context, command, { maildrop }) =>
    answer(context, command, maildrop, (number) => `${number} ${maildrop.sizeOf(number)}`),
};

export const uidl: Handler = {
  keyword: 'UIDL',
  state: 'transaction',
  args: [0, 1],
  run: (context, command, { maildrop }) =>
    answer(context, command, maildrop, (number) => `${number} ${maildrop.uniqueId(number)}`),
};

async function answer(
  { connection }: Context,
  { args }: Command,
  maildrop: Maildrop,
  line: (number: number) => string,
): Promise<void> {
  if (args.length > 0) {
    const number = parseNumber(args[0]);
    const known = number !== undefined && maildrop.has(number);
    return connection.write(known ? ok(line(number)) : noSuchMessage);
  }
  let text = ok(`${maildrop.count} messages`) as string;
  for (let number = 1; number <= maildrop.total; number += 1) {
    if (maildrop.has(number)) text += `${line(number)}\r\n`;
    if (text.length < listingChunkOctets) continue;
    await connection.write(text);
    text = '';
  }
  await connection.write(`${text}.\r\n`);
}
