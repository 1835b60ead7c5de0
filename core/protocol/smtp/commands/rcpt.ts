/** RCPT: one more recipient (RFC 5321 4.1.1.3). The same one twice is one. */
import { type Address, canonical, isAscii } from '../../../mail/address.ts';
import type { SmtpContext } from '../context.ts';
import { maxRecipients } from '../limits.ts';
import { type Path, parsePathArgument } from '../path.ts';
import { type Reply, reply } from '../reply.ts';
import type { Handler } from './handler.ts';

export const rcpt: Handler = {
  verb: 'RCPT',
  states: ['mail', 'recipients'],
  needs: 'MAIL first',
  syntax: 'RCPT TO:<path>',
  async run(context, argument) {
    const parsed = /^to:/i.test(argument) ? parsePathArgument(argument.slice(3)) : undefined;
    if (!parsed || parsed.path.kind === 'null') return reply(501, '5.1.3', 'Syntax: RCPT TO:<address>');
    const [unknown] = parsed.parameters.keys();
    if (unknown !== undefined) return reply(555, '5.5.4', `Parameter ${unknown} not known`);
    const address = addressOf(parsed.path, context);
    return address ? take(context, address) : reply(550, '5.1.1', 'No postmaster here');
  },
};

function addressOf(path: Path, { settings }: SmtpContext): Address | undefined {
  return path.kind === 'address' ? path.address : settings.postmaster;
}

async function take({ open }: SmtpContext, address: Address): Promise<Reply> {
  if (!open) return reply(503, '5.5.1', 'MAIL first');
  if (!open.smtpUtf8 && !isAscii(address.localPart)) return reply(553, '5.6.7', 'Address needs SMTPUTF8');
  const key = canonical(address);
  const accepted = reply(250, '2.1.5', 'OK');
  if (open.recipients.has(key)) return accepted;
  // RFC 5321 4.5.3.1.10: the client sends the rest in another transaction
  if (open.recipients.size >= maxRecipients)
    return reply(452, '4.5.3', `At most ${maxRecipients} recipients`);
  const refusal = await open.transaction.recipient(address);
  if (refusal) return refusal;
  open.recipients.add(key);
  return accepted;
}
