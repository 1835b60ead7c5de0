/** DATA: takes the message and answers when the backend has made it durable (RFC 5321 4.1.1.4). */
import { AssertionError } from 'node:assert';
import type { SmtpTransaction } from '../backend.ts';
import { clientOf, type OpenTransaction, type SmtpContext } from '../context.ts';
import { maxLoggedRecipients } from '../limits.ts';
import { MessageReader } from '../message-reader.ts';
import { encodeReply, type Reply, reply } from '../reply.ts';
import type { Handler } from './handler.ts';

export const data: Handler = {
  verb: 'DATA',
  states: ['mail', 'recipients'],
  needs: 'MAIL and RCPT first',
  syntax: 'DATA',
  async run(context, argument) {
    const { open } = context;
    if (argument !== '') return reply(501, '5.5.4', 'DATA takes no argument');
    if (!open || open.recipients.size === 0) return reply(554, '5.5.1', 'No valid recipients');
    await context.send(encodeReply({ code: 354, status: '', lines: ['End with <CRLF>.<CRLF>'] }));
    context.open = undefined; // whatever comes of it, this transaction is over
    const reader = new MessageReader(context.connection, context.clock, context.settings.maxMessageOctets);
    const outcome = await receive(context, open.transaction, reader);
    observe(context, open, reader.octets, outcome);
    return { ...outcome, logged: true };
  },
};

function observe(context: SmtpContext, open: OpenTransaction, octets: number, outcome: Reply): void {
  const { helo, protocol } = clientOf(context, open.smtpUtf8);
  context.observe({
    kind: 'message',
    reply: outcome,
    helo,
    protocol,
    login: context.identity?.login,
    octets,
    from: open.reversePath,
    to: [...open.recipients].slice(0, maxLoggedRecipients),
    recipients: open.recipients.size,
  });
}

async function receive(
  context: SmtpContext,
  transaction: SmtpTransaction,
  reader: MessageReader,
): Promise<Reply> {
  try {
    const outcome = await transaction.receive(reader);
    await reader.discard(); // a backend may refuse without reading it all
    return reader.refusal ?? outcome;
  } catch (error) {
    if (error instanceof AssertionError) throw error; // a bug closes the session
    await reader.discard();
    if (reader.refusal) return reader.refusal;
    context.observe({ kind: 'failure', verb: 'DATA', error });
    return reply(451, '4.3.0', 'Could not store the message, try again later');
  }
}
