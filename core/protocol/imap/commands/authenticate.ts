/** AUTHENTICATE (RFC 3501 6.2.2) with an initial response (RFC 4959). */
import { decodeBase64, decodeInitialResponse } from '../../../auth/sasl/base64.ts';
import { begin, mechanismNamed, next, type SaslStep } from '../../../auth/sasl/sasl.ts';
import type { Context } from '../context.ts';
import type { Handler } from '../handler.ts';
import { MAX_SASL_LINE_OCTETS } from '../limits.ts';
import { bad, no, type Status } from '../response/status.ts';
import { checkCredentials } from './check-credentials.ts';

export const authenticate: Handler<'AUTHENTICATE'> = {
  state: 'not-authenticated',
  async run(context, command) {
    const mechanism = mechanismNamed(command.mechanism);
    if (!mechanism) return no(undefined, `Mechanism ${command.mechanism} is not supported`);
    if (!context.mayLogin) return no('PRIVACYREQUIRED', 'Start TLS first');
    const initial = command.initial === undefined ? undefined : decodeInitialResponse(command.initial);
    if (command.initial !== undefined && !initial) return bad('Initial response is not base64');
    return exchange(context, begin(mechanism, initial));
  },
};

/** A mechanism has a few steps at most; a state machine that never ends would be a bug. */
const MAX_STEPS = 5;

async function exchange(context: Context, begun: SaslStep): Promise<Status> {
  let step = begun;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    if (step.kind === 'credentials') return checkCredentials(context, step.credentials);
    if (step.kind === 'malformed') return bad(step.text);
    const response = await ask(context, step.challenge);
    if (!Buffer.isBuffer(response)) return response;
    step = next(step.state, response);
  }
  return bad('Too many steps');
}

/** Sends a challenge and reads the answer; '*' takes the whole command back. */
async function ask(context: Context, challenge: string): Promise<Buffer | Status> {
  context.out.line(`+ ${Buffer.from(challenge).toString('base64')}`);
  await context.out.flush();
  const line = await context.connection.readLine(MAX_SASL_LINE_OCTETS);
  if (line.kind === 'too-long') return bad('Response too long');
  const text = line.octets.toString('latin1');
  if (text === '*') return bad('Authentication cancelled');
  return decodeBase64(text) ?? bad('Response is not base64');
}
