/** AUTH: SASL with or without an initial response (RFC 5034 4). Alone it lists the mechanisms, as old clients expect. */
import { decodeBase64, decodeInitialResponse } from '../../../auth/sasl/base64.ts';
import { begin, mechanismNamed, mechanisms, next, type SaslStep } from '../../../auth/sasl/sasl.ts';
import { type Context, mayAuthenticate } from '../context.ts';
import type { Handler } from '../handler.ts';
import { maxLineOctets } from '../limits.ts';
import { err } from '../reply.ts';

const malformed = err('Malformed response');

export const auth: Handler = {
  keyword: 'AUTH',
  state: 'authorization',
  args: [0, 2],
  async run(context, { args }) {
    const { connection } = context;
    if (!mayAuthenticate(context)) return connection.write(err('Use STLS first'));
    const [name, initial] = args;
    if (name === undefined) return connection.write(`+OK\r\n${mechanisms.join('\r\n')}\r\n.\r\n`);
    const mechanism = mechanismNamed(name);
    if (mechanism === undefined) return connection.write(err('Unknown mechanism'));
    const response = initial === undefined ? undefined : decodeInitialResponse(initial);
    if (initial !== undefined && response === undefined) return connection.write(malformed);
    await exchange(context, begin(mechanism, response));
  },
};

async function exchange(context: Context, first: SaslStep): Promise<void> {
  const { connection } = context;
  let step = first;
  while (step.kind === 'challenge') {
    await connection.write(`+ ${Buffer.from(step.challenge).toString('base64')}\r\n`);
    const line = await connection.readLine(maxLineOctets);
    const text = line.kind === 'line' ? line.octets.toString('latin1') : '';
    if (text === '*') return connection.write(err('Authentication cancelled'));
    const response = line.kind === 'line' ? decodeBase64(text) : undefined;
    if (response === undefined) return connection.write(malformed);
    step = next(step.state, response);
  }
  if (step.kind === 'malformed') return connection.write(malformed);
  await context.logIn(step.credentials);
}
