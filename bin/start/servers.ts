/** The SMTP, POP3 and IMAP servers of a Postfold in one process, on the standard ports plus an offset. */
import { guardLogins } from '../../core/auth/guessing/logins.ts';
import type { TlsSettings } from '../../core/protocol/wire/connection.ts';
import { SharedAccounts } from '../../core/service/account/accounts.ts';
import type { AccountSettings } from '../../core/service/account/settings.ts';
import type { Ingest } from '../../core/service/receive/event.ts';
import { MailBackend } from '../../core/service/smtp-backend/backend.ts';
import { startImap } from '../../fargate/imap/server.ts';
import { defaultSettings as imapDefaults } from '../../fargate/imap/settings.ts';
import { startPop3 } from '../../fargate/pop3/server.ts';
import { defaultSettings as pop3Defaults } from '../../fargate/pop3/settings.ts';
import { startSmtp } from '../../fargate/smtp/server.ts';
import { defaultSettings as smtpDefaults } from '../../fargate/smtp/settings.ts';
import type { Journal } from './journal.ts';
import type { Endpoint } from './ready.ts';
import type { Stores } from './stores.ts';

export interface ServerSettings {
  readonly host: string;
  readonly hostname: string;
  /** Added to the standard ports; undefined takes any free ports (tests). */
  readonly portOffset: number | undefined;
  readonly insecureAuth: boolean;
  readonly tls: TlsSettings;
  /** Other limits of the shared accounts than the defaults. */
  readonly accounts?: Partial<AccountSettings>;
}

export interface Servers {
  readonly endpoints: readonly Endpoint[];
  readonly accounts: SharedAccounts;
  /** Takes no more connections, lets sessions end for `graceMs`, then cuts them off. */
  drain(graceMs: number): Promise<void>;
}

type Drained = { drain(graceMs: number): Promise<void> };

export async function startServers(
  stores: Stores,
  ingest: Ingest,
  settings: ServerSettings,
  journal: Journal,
): Promise<Servers> {
  const { clock, ids, log, bodies, messages, doorbell } = stores;
  const directory = guardLogins(stores.directory, clock);
  const { host, hostname, insecureAuth, tls } = settings;
  const at = (port: number) => (settings.portOffset === undefined ? 0 : port + settings.portOffset);
  const common = { host, insecureAuth, tls };
  const onProblem = (what: string, cause: unknown) => journal.problem(what, cause);
  const accounts = new SharedAccounts(
    {
      log,
      messages,
      bodies,
      clock,
      ids,
      doorbell,
      listener: doorbell,
      onProblem,
    },
    settings.accounts,
  );
  const backend = new MailBackend({ directory, logs: log, bodies, ingest, clock, ids });

  const started: Drained[] = [];
  const keep = <Server extends Drained>(server: Server): Server => {
    started.push(server);
    return server;
  };
  const drain = async (graceMs: number) => {
    await Promise.all(started.map((server) => server.drain(graceMs)));
    await accounts.close();
  };
  try {
    const smtp = keep(
      await startSmtp(
        { backend, clock, tls, observe: (event) => journal.smtp(event) },
        {
          ...smtpDefaults,
          ...common,
          hostname,
          port: at(25),
          submissionPort: at(587),
          submissionsPort: at(465),
        },
      ),
    );
    const pop3 = keep(
      await startPop3(
        { directory, accounts, clock, tls, onEvent: (event) => journal.event(event) },
        { ...pop3Defaults, ...common, port: at(110), tlsPort: at(995) },
      ),
    );
    const imap = keep(
      await startImap(
        {
          directory,
          accounts,
          clock,
          ids,
          tls,
          log: (event) => journal.event({ ...event, event: `imap.${event.event}` }),
        },
        { ...imapDefaults, ...common, port: at(143), tlsPort: at(993) },
      ),
    );
    const endpoints: readonly Endpoint[] = [
      { name: 'SMTP', security: 'mail from other servers, STARTTLS', port: smtp.port ?? 0 },
      { name: 'submission', security: 'STARTTLS', port: smtp.submissionPort ?? 0 },
      { name: 'submissions', security: 'TLS', port: smtp.submissionsPort ?? 0 },
      { name: 'IMAP', security: 'STARTTLS', port: imap.port },
      { name: 'IMAPS', security: 'TLS', port: imap.tlsPort ?? 0 },
      { name: 'POP3', security: 'STLS', port: pop3.port },
      { name: 'POP3S', security: 'TLS', port: pop3.tlsPort ?? 0 },
    ];
    return { endpoints, accounts, drain };
  } catch (error) {
    await drain(0);
    throw error;
  }
}
