/** Logging in at a smarthost, under TLS only (the session sees to that). RFC 4954, RFC 4616. */
import type { SmtpReply } from '../../../mail/transfer/outcome.ts';
import type { Credentials } from '../route.ts';
import type { SmtpClient } from './client.ts';
import { TransferFailure } from './transfer-failure.ts';

/** The server's last word: 235 when it let us in. `offered` is EHLO's list of mechanisms. */
export async function authenticate(
  client: SmtpClient,
  offered: string,
  login: Credentials,
): Promise<SmtpReply> {
  const mechanisms = offered.toUpperCase().split(/\s+/);
  if (!client.encrypted) throw new TransferFailure('tls', 'a password is sent under TLS only');
  if (mechanisms.includes('PLAIN'))
    return client.command(`AUTH PLAIN ${base64(`\0${login.user}\0${login.password}`)}`);
  if (!mechanisms.includes('LOGIN'))
    throw new TransferFailure('protocol', 'no login method that we know is offered');
  const asked = await client.command(`AUTH LOGIN ${base64(login.user)}`);
  return asked.code === 334 ? client.command(base64(login.password)) : asked;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
