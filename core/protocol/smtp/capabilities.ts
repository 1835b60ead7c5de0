/**
 * What EHLO advertises, each with the commands and MAIL parameters that must be there for it.
 * `assertServed` is called once when a server starts: nothing is promised that nobody handles.
 */
import assert from 'node:assert/strict';
import { mechanisms } from '../../auth/sasl/sasl.ts';
import { authAllowed, type SmtpContext } from './context.ts';
import { maxRecipients } from './limits.ts';

interface Capability {
  readonly verbs: readonly string[];
  readonly mailParameters: readonly string[];
  /** The line of the EHLO reply; undefined when it is not to be had now. */
  line(context: SmtpContext): string | undefined;
}

const capabilities: readonly Capability[] = [
  { verbs: [], mailParameters: [], line: () => 'PIPELINING' }, // RFC 2920
  { verbs: [], mailParameters: ['SIZE'], line: ({ settings }) => `SIZE ${settings.maxMessageOctets}` }, // RFC 1870
  { verbs: [], mailParameters: ['BODY'], line: () => '8BITMIME' }, // RFC 6152
  { verbs: [], mailParameters: ['SMTPUTF8'], line: () => 'SMTPUTF8' }, // RFC 6531
  { verbs: [], mailParameters: [], line: () => `LIMITS RCPTMAX=${maxRecipients}` }, // RFC 9422
  { verbs: [], mailParameters: [], line: () => 'ENHANCEDSTATUSCODES' }, // RFC 2034
  {
    verbs: ['STARTTLS'],
    mailParameters: [],
    line: ({ settings, connection }) => (settings.tls && !connection.encrypted ? 'STARTTLS' : undefined),
  }, // RFC 3207
  {
    verbs: ['AUTH'],
    mailParameters: ['AUTH'],
    line: (context) => (authAllowed(context) ? `AUTH ${mechanisms.join(' ')}` : undefined),
  }, // RFC 4954
];

/** The lines of the EHLO reply behind our name. */
export function advertised(context: SmtpContext): string[] {
  return capabilities.map(({ line }) => line(context)).filter((line) => line !== undefined);
}

/** Throws if something advertised has no handler. */
export function assertServed(verbs: ReadonlySet<string>, mailParameters: ReadonlySet<string>): void {
  for (const capability of capabilities) {
    for (const verb of capability.verbs) assert.ok(verbs.has(verb), `no handler for ${verb}`);
    for (const key of capability.mailParameters)
      assert.ok(mailParameters.has(key), `no MAIL parameter ${key}`);
  }
}
