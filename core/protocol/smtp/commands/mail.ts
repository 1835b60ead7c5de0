/** MAIL: opens a transaction (RFC 5321 4.1.1.2), for those who may send here at all. */
import { canonical, isAscii } from '../../../mail/address.ts';
import { isReply, type MailCommand } from '../backend.ts';
import { clientOf, type SmtpContext } from '../context.ts';
import { type PathArgument, parsePathArgument } from '../path.ts';
import { type Reply, reply } from '../reply.ts';
import { isSubmission } from '../settings.ts';
import type { Handler } from './handler.ts';
import { mailParameters } from './mail-parameters.ts';

export const mail: Handler = {
  verb: 'MAIL',
  states: ['greeted'],
  needs: 'EHLO first, and one MAIL at a time',
  syntax: 'MAIL FROM:<path> [SIZE=n] [BODY=7BIT|8BITMIME] [SMTPUTF8] [AUTH=who]',
  async run(context, argument) {
    const barred = barrier(context);
    if (barred) return barred;
    const parsed = /^from:/i.test(argument) ? parsePathArgument(argument.slice(5)) : undefined;
    if (!parsed) return reply(501, '5.5.4', 'Syntax: MAIL FROM:<address>');
    const command = mailCommand(parsed, context);
    if ('code' in command) return command;
    const outcome = await context.backend.begin(
      clientOf(context, command.smtpUtf8),
      context.identity,
      command,
    );
    if (isReply(outcome)) return outcome;
    context.open = {
      transaction: outcome,
      reversePath: command.reversePath ? canonical(command.reversePath) : '',
      smtpUtf8: command.smtpUtf8,
      recipients: new Set(),
    };
    return reply(250, '2.1.0', 'OK');
  },
};

/** RFC 6409 4.3: on the submission ports nobody sends unknown. */
function barrier(context: SmtpContext): Reply | undefined {
  const { settings, identity, connection } = context;
  if (!isSubmission(settings) || identity) return undefined;
  const needsTls = !connection.encrypted && settings.insecureAuth !== true;
  return reply(530, '5.7.0', needsTls ? 'STARTTLS first, then AUTH' : 'AUTH first');
}

function mailCommand({ path, parameters }: PathArgument, { settings }: SmtpContext): MailCommand | Reply {
  if (path.kind === 'postmaster') return reply(553, '5.1.7', 'Reverse-path needs a domain');
  let command: MailCommand = {
    reversePath: path.kind === 'null' ? undefined : path.address,
    declaredOctets: undefined,
    body: '7BIT',
    smtpUtf8: false,
  };
  for (const [key, value] of parameters) {
    const said =
      mailParameters.get(key)?.(value, settings) ?? reply(555, '5.5.4', `Parameter ${key} not known`);
    if ('code' in said) return said;
    command = { ...command, ...said };
  }
  const written = command.reversePath?.localPart ?? '';
  // RFC 6531 3.5
  if (!command.smtpUtf8 && !isAscii(written)) return reply(550, '5.6.7', 'Address needs SMTPUTF8');
  return command;
}
