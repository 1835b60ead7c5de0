/**
 * AUTH (RFC 4954): runs a SASL exchange and asks the backend who that is. Refusals come slower
 * each time and end the session, so that guessing over one connection is of no use.
 */
import { AssertionError } from 'node:assert';
import { decodeBase64, decodeInitialResponse } from '../../../auth/sasl/base64.ts';
import { begin, type Credentials, mechanismNamed, next, type SaslStep } from '../../../auth/sasl/sasl.ts';
import { authAllowed, type SmtpContext } from '../context.ts';
import { authDelayMs, maxAuthFailures, maxCommandOctets } from '../limits.ts';
import { bareLineEnd, encodeReply, farewell, type Reply, reply } from '../reply.ts';
import type { Handler } from './handler.ts';

export const auth: Handler = {
  verb: 'AUTH',
  states: ['greeted'],
  needs: 'EHLO first, and not within a transaction',
  syntax: 'AUTH mechanism [initial-response]',
  async run(context, argument) {
    const barred = barrier(context);
    if (barred) return barred;
    const [name = '', initial, ...more] = argument.split(/ +/);
    const mechanism = mechanismNamed(name);
    if (name === '' || more.length > 0)
      return reply(501, '5.5.4', 'Syntax: AUTH mechanism [initial-response]');
    if (!mechanism) return reply(504, '5.5.4', 'Mechanism not known');
    const decoded = initial === undefined ? undefined : decodeInitialResponse(initial);
    if (initial !== undefined && decoded === undefined) return notBase64;
    const outcome = await exchange(context, begin(mechanism, decoded));
    if ('code' in outcome) return outcome;
    try {
      return await verify(context, outcome);
    } catch (error) {
      if (error instanceof AssertionError) throw error; // a bug closes the session
      context.observe({ kind: 'failure', verb: 'AUTH', error });
      return reply(454, '4.7.0', 'Cannot check logins just now, try again later'); // RFC 4954 6
    }
  },
};

const notBase64 = reply(501, '5.5.2', 'Not base64');

function barrier(context: SmtpContext): Reply | undefined {
  if (authAllowed(context)) return undefined;
  const { identity, settings, connection } = context;
  if (identity) return reply(503, '5.5.1', 'Logged in already');
  if (settings.mode === 'mx' && !settings.authOnMx) return reply(502, '5.5.1', 'Log in on port 465 or 587');
  return connection.encrypted
    ? reply(502, '5.5.1', 'AUTH not available')
    : reply(538, '5.7.11', 'STARTTLS first');
}

/** Challenges and responses until the client has said who it is. */
async function exchange(context: SmtpContext, first: SaslStep): Promise<Credentials | Reply> {
  let step = first;
  while (step.kind === 'challenge') {
    const challenge = Buffer.from(step.challenge).toString('base64');
    await context.send(encodeReply({ code: 334, status: '', lines: [challenge] }));
    const line = await context.connection.readLine(maxCommandOctets);
    if (line.bare) return bareLineEnd;
    if (line.kind === 'too-long') return reply(500, '5.5.6', 'Response too long');
    const text = line.octets.toString('latin1');
    if (text === '*') return reply(501, '5.7.0', 'Cancelled');
    const response = decodeBase64(text);
    if (!response) return notBase64;
    step = next(step.state, response);
  }
  return step.kind === 'credentials' ? step.credentials : reply(501, '5.5.2', step.text);
}

async function verify(context: SmtpContext, { authorize, login, password }: Credentials): Promise<Reply> {
  const identity = await context.backend.authenticate(login, password, context.remoteAddress);
  if (identity === 'held-off') {
    context.observe({ kind: 'auth', login, accepted: false });
    return farewell(421, '4.7.0', 'Too many failed logins from your address, come again in a few minutes');
  }
  // RFC 4616 2: nobody may act as somebody else
  const accepted =
    identity !== undefined && (authorize === '' || authorize === login || authorize === identity.login);
  context.observe({ kind: 'auth', login, accepted });
  if (accepted) {
    context.identity = identity;
    context.authFailures = 0;
    return reply(235, '2.7.0', 'Logged in');
  }
  await pause(context, authDelayMs * 2 ** context.authFailures);
  context.authFailures += 1;
  if (context.authFailures >= maxAuthFailures) return farewell(421, '4.7.0', 'Too many failed logins');
  return reply(535, '5.7.8', 'Login or password wrong');
}

function pause({ clock }: SmtpContext, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
