/**
 * The SMTP server: its three listeners over one backend. Used by the container and by
 * `postfold start`.
 */
import { randomUUID } from 'node:crypto';
import { type Address, parseAddress } from '../../core/mail/address.ts';
import type { SmtpEvent } from '../../core/protocol/smtp/context.ts';
import { type SmtpDependencies, serveSmtp } from '../../core/protocol/smtp/session.ts';
import type { SmtpSettings } from '../../core/protocol/smtp/settings.ts';
import type { TlsSettings } from '../../core/protocol/wire/connection.ts';
import { type Listener, listen, type TurnedAway } from '../shared/listen.ts';
import type { SmtpServerSettings } from './settings.ts';

export interface SmtpServerDependencies extends Omit<SmtpDependencies, 'observe'> {
  /** Absent: no STARTTLS, and port 465 is not served. */
  readonly tls?: TlsSettings;
  /** Who reads mail for <postmaster> without a domain; when absent, the postmaster of the domain that our host is in. */
  readonly postmaster?: Address;
  /** Hears of every event of every session. */
  readonly observe: (event: ServerEvent) => void;
}

/** An event with what its log line needs: `session` names one connection in all its lines. */
export type ServerEvent = (SmtpEvent | ({ readonly kind: 'turned-away' } & TurnedAway)) & {
  readonly session: string;
  readonly remote: string;
  readonly mode: SmtpSettings['mode'];
};

export interface SmtpServer {
  /** The ports that were bound; undefined where not served. */
  readonly port: number | undefined;
  readonly submissionPort: number | undefined;
  readonly submissionsPort: number | undefined;
  readonly connections: number;
  /** Takes no more connections, ends sessions between two commands, cuts off what is left after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

const busyLine = '421 4.3.2 Too many connections, come again\r\n';

/** Listens on all ports that are set. Rejects when one cannot be had; the others are closed then. */
export async function startSmtp(
  dependencies: SmtpServerDependencies,
  settings: SmtpServerSettings,
): Promise<SmtpServer> {
  const modes = [
    { mode: 'mx', port: settings.port },
    { mode: 'submission', port: settings.submissionPort },
    { mode: 'submissions', port: dependencies.tls ? settings.submissionsPort : undefined },
  ] as const;
  const outcomes = await Promise.allSettled(
    modes.map(async ({ mode, port }) =>
      port === undefined ? undefined : listenFor(mode, port, dependencies, settings),
    ),
  );
  const listeners = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  const drain = async (graceMs: number) => {
    await Promise.all(listeners.map((listener) => listener?.drain(graceMs)));
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await drain(0);
    throw failed.reason;
  }
  const [mx, submission, submissions] = listeners;
  return {
    port: mx?.port,
    submissionPort: submission?.port,
    submissionsPort: submissions?.port,
    get connections() {
      return listeners.reduce((sum, listener) => sum + (listener?.connections ?? 0), 0);
    },
    drain,
  };
}

function listenFor(
  mode: SmtpSettings['mode'],
  port: number,
  { backend, clock, tls, postmaster, observe }: SmtpServerDependencies,
  settings: SmtpServerSettings,
): Promise<Listener> {
  const { hostname, maxMessageOctets, insecureAuth } = settings;
  const reader = postmaster ?? parseAddress(`postmaster@${domainOf(hostname)}`);
  const session: SmtpSettings = {
    mode,
    hostname,
    maxMessageOctets,
    insecureAuth,
    ...(tls && mode !== 'submissions' ? { tls } : {}),
    ...(reader ? { postmaster: reader } : {}),
  };
  const implicit = tls && mode === 'submissions' ? { implicitTls: tls } : {};
  return listen(
    { ...settings, port, busyLine, ...implicit },
    (stream, remote, draining) => {
      const where = { session: randomUUID(), remote: remote.address, mode };
      const dependencies = { backend, clock, observe: (event: SmtpEvent) => observe({ ...event, ...where }) };
      return serveSmtp(stream, remote.address, dependencies, session, draining);
    },
    (error) => observe({ kind: 'failure', verb: 'connection', error, session: '', remote: '', mode }),
    (event) => observe({ kind: 'turned-away', ...event, session: '', mode }),
  );
}

/** `mx.example.org` is in example.org; a name of two labels or less is its own domain. */
function domainOf(hostname: string): string {
  const [, ...rest] = hostname.split('.');
  return rest.length > 1 ? rest.join('.') : hostname;
}
