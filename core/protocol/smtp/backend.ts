/**
 * What the SMTP protocol asks of the service behind it. The protocol knows dialogue and syntax;
 * whose mail is taken, from whom and where it goes is decided here. A refusal is a returned
 * Reply; whatever is thrown becomes 451 4.3.0 and the client keeps its message.
 */
import type { HeldOff } from '../../auth/guessing/logins.ts';
import type { Address } from '../../mail/address.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { Reply } from './reply.ts';

/** Where a session comes from. */
export interface SmtpClient {
  readonly address: string;
  /** What EHLO or HELO said. */
  readonly helo: string;
  /** RFC 3848 and RFC 6531 4.3: SMTP, ESMTP, ESMTPSA, UTF8SMTPS ... */
  readonly protocol: string;
  /** Version and cipher; absent in clear. */
  readonly tls?: string;
}

/** What MAIL has said. */
export interface MailCommand {
  /** Undefined is the null reverse-path (RFC 5321 4.5.5). */
  readonly reversePath: Address | undefined;
  /** SIZE= of RFC 1870; undefined when not declared. */
  readonly declaredOctets: number | undefined;
  readonly body: '7BIT' | '8BITMIME';
  readonly smtpUtf8: boolean;
}

export interface SmtpBackend {
  /** Who that is; undefined for a wrong pair, after as long. `remote` is the client's IP address. */
  authenticate(login: string, password: string, remote: string): Promise<Identity | HeldOff | undefined>;
  /** MAIL: a transaction, or why there is none. `identity` is who is logged in. */
  begin(
    client: SmtpClient,
    identity: Identity | undefined,
    mail: MailCommand,
  ): Promise<SmtpTransaction | Reply>;
}

/** One message on its way in. Dropped without a word when the client resets or hangs up. */
export interface SmtpTransaction {
  /** RCPT: undefined accepts. Called once for each distinct address. */
  recipient(address: Address): Promise<Reply | undefined>;
  /**
   * DATA: the octets as they come, dots unstuffed, at most the largest message. A message that the
   * protocol refuses ends with an error in the iteration: then nothing may be kept, and the reply
   * is the protocol's. A 2xx reply is a promise: durable before it is returned.
   */
  receive(octets: AsyncIterable<Buffer>): Promise<Reply>;
}

/** Tells a refused MAIL from a transaction. */
export function isReply(outcome: SmtpTransaction | Reply): outcome is Reply {
  return 'code' in outcome;
}
