/**
 * SPF, DKIM, ARC and DMARC of a message from outside, and what the author's domain wants done
 * with it. The checks are mailauth's; what follows from them is decided here. Knows nothing of
 * mailboxes or replies. RFC 7208, 6376, 8463, 8617, 9989 (DMARC), 8601.
 */
import { Readable } from 'node:stream';
import { type AuthenticateResult, authenticate } from 'mailauth';
import type { Resolver } from '../../mail/ports/resolver.ts';
import { lookups } from './lookups.ts';

export interface Judged {
  readonly clientAddress: string;
  readonly helo: string;
  /** '' is the null reverse-path: SPF looks at the HELO name then (RFC 7208 2.4). */
  readonly reversePath: string;
  /** Our authserv-id (RFC 8601 2.5). */
  readonly hostname: string;
}

export interface Verdict {
  /** What DMARC makes of it; `defer` when the DNS kept the answer to itself. A message without one author's domain is suspect (RFC 9989 11.5). */
  readonly action: 'accept' | 'quarantine' | 'reject' | 'defer';
  /** The domain of the author, for the reply. */
  readonly domain: string;
  /** The whole header field Authentication-Results, ending with CRLF. */
  readonly field: string;
}

/** Judges the message as it was received, without our trace fields. Reads `octets` once. */
export async function judge(
  octets: Uint8Array | AsyncIterable<Uint8Array>,
  judged: Judged,
  resolver: Resolver,
  now: () => number,
): Promise<Verdict> {
  const message =
    octets instanceof Uint8Array
      ? Buffer.from(octets.buffer, octets.byteOffset, octets.length)
      : Readable.from(octets);
  const result = await authenticate(message, {
    ip: judged.clientAddress,
    helo: judged.helo,
    sender: judged.reversePath,
    mta: judged.hostname,
    resolver: lookups(resolver, now),
    disableBimi: true,
  });
  const dmarc = result.dmarc || undefined;
  return {
    action: action(result),
    domain: dmarc?.status.header?.from ?? '',
    field: resultsField(result, judged.hostname),
  };
}

/** The field for a message that nobody judged (RFC 8601 2.2, no-result). */
export function unjudgedField(hostname: string): string {
  return `Authentication-Results: ${hostname}; none\r\n`;
}

function action(result: AuthenticateResult): Verdict['action'] {
  if (result.dmarcSkipReason !== undefined) return 'quarantine';
  const dmarc = result.dmarc || undefined;
  if (dmarc?.status.result === 'temperror') return 'defer';
  if (dmarc?.status.result !== 'fail' || (dmarc.policy !== 'reject' && dmarc.policy !== 'quarantine')) {
    return 'accept';
  }
  // A check without an answer might have passed: the sender's next try finds out
  return hasTempError(result) ? 'defer' : dmarc.policy;
}

function hasTempError({ spf, dkim }: AuthenticateResult): boolean {
  const dkimResults = dkim.results.map(({ status }) => status.result);
  return [spf ? spf.status.result : '', ...dkimResults].includes('temperror');
}

/** mailauth gives Received-SPF as well, in front; one field is enough. It says nothing of DMARC where there is no domain to ask. */
function resultsField({ headers, dmarcSkipReason: reason }: AuthenticateResult, hostname: string): string {
  const at = headers.search(/^Authentication-Results:/m);
  const field = /^[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/.exec(headers.slice(at))?.[0];
  if (at < 0 || field === undefined) return unjudgedField(hostname);
  return reason === undefined ? field : field.replace(/\r\n$/, `;\r\n dmarc=none (${reason})\r\n`);
}
