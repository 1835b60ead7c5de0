/**
 * QUIT: in the TRANSACTION state the UPDATE state follows, the only place where POP3 deletes
 * (RFC 1939 6). All marked messages leave INBOX in one log entry, durable before +OK. When that fails, the
 * answer is [SYS/TEMP] and the session ends all the same.
 */
import type { Context, Transaction } from '../context.ts';
import { expunge } from '../expunge.ts';
import type { Handler } from '../handler.ts';
import { ok } from '../reply.ts';

export const quit: Handler = {
  keyword: 'QUIT',
  state: 'any',
  args: [0, 0],
  async run(context) {
    context.ending = 'quit';
    if (context.transaction) await update(context, context.transaction);
    await context.connection.write(ok('Bye'));
  },
};

async function update(context: Context, { account, maildrop }: Transaction): Promise<void> {
  context.deleted = await expunge(account, maildrop.deletedUids());
}
