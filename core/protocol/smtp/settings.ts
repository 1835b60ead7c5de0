/** What one SMTP service is set to. */
import type { Address } from '../../mail/address.ts';
import type { TlsSettings } from '../wire/connection.ts';

export interface SmtpSettings {
  /**
   * `mx`: mail from anywhere for our recipients (port 25). `submission`: our users' mail, STARTTLS
   * first (587). `submissions`: the same, TLS from the first octet (465, RFC 8314 3.3).
   */
  readonly mode: 'mx' | 'submission' | 'submissions';
  /** Our name in greeting, EHLO and trace headers. */
  readonly hostname: string;
  readonly maxMessageOctets: number;
  /** For STARTTLS; absent: not offered. */
  readonly tls?: TlsSettings;
  /** AUTH without TLS, for development on one machine. */
  readonly insecureAuth?: boolean;
  /** AUTH on port 25 as well. */
  readonly authOnMx?: boolean;
  /** Who reads `RCPT TO:<Postmaster>` without a domain (RFC 5321 4.5.1). */
  readonly postmaster?: Address;
}

/** Both submission ports, where a login comes before mail (RFC 6409 4.3). */
export function isSubmission({ mode }: SmtpSettings): boolean {
  return mode !== 'mx';
}
