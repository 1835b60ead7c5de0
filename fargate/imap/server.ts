/** The IMAP server: its two listeners over one set of dependencies. Used by the container and by `postfold start`. */
import { randomUUID } from 'node:crypto';
import type { ImapDependencies } from '../../core/protocol/imap/context.ts';
import { LOGIN_TIME_MS } from '../../core/protocol/imap/limits.ts';
import { RecentMarks } from '../../core/protocol/imap/recent.ts';
import { Session } from '../../core/protocol/imap/session.ts';
import { Connection, type TlsSettings } from '../../core/protocol/wire/connection.ts';
import { textOf } from '../../core/service/account/text.ts';
import { withinBudget } from '../../core/service/account/text-budget.ts';
import { type Listener, listen, type OnConnection, type TurnedAway } from '../shared/listen.ts';
import type { ImapSettings } from './settings.ts';

export interface ImapServerDependencies extends Omit<ImapDependencies, 'textOf' | 'recent'> {
  /** Absent: no STARTTLS, and the TLS port cannot be served. */
  readonly tls?: TlsSettings;
}

export interface ImapServer {
  /** The ports that were bound. */
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly connections: number;
  /** Takes no more connections, ends sessions between two commands with BYE, cuts off what is left after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

const busyLine = '* BYE [UNAVAILABLE] Too many connections, come again\r\n';

/** Listens on both ports. Rejects when one cannot be had, or when TLS is asked for without a certificate. */
export async function startImap(
  dependencies: ImapServerDependencies,
  settings: ImapSettings,
): Promise<ImapServer> {
  const { tls, ...rest } = dependencies;
  if (settings.tlsPort !== undefined && !tls) throw new Error('IMAP over TLS needs a certificate');
  const deps: ImapDependencies = { ...rest, textOf: withinBudget(textOf), recent: new RecentMarks() };
  const { insecureAuth, maxAppendOctets } = settings;
  const serve: OnConnection = (stream, remote, draining) => {
    const peer = { remote: remote.address, id: randomUUID() };
    const connection = new Connection(stream, LOGIN_TIME_MS);
    return new Session(deps, { tls, insecureAuth, maxAppendOctets }, connection, draining, peer).run();
  };
  const onBug = (error: unknown) => deps.log({ event: 'bug', session: '', remote: '', error });
  const onTurnedAway = (event: TurnedAway) => deps.log({ event: 'turned-away', session: '', ...event });
  const plain = await listen({ ...settings, busyLine }, serve, onBug, onTurnedAway);
  const secure = tls && settings.tlsPort !== undefined ? await listenTls(tls, settings.tlsPort) : undefined;
  const listeners: readonly Listener[] = secure ? [plain, secure] : [plain];
  return {
    port: plain.port,
    tlsPort: secure?.port,
    get connections() {
      return listeners.reduce((sum, { connections }) => sum + connections, 0);
    },
    drain: async (graceMs) => {
      await Promise.all(listeners.map((listener) => listener.drain(graceMs)));
    },
  };

  async function listenTls(implicitTls: TlsSettings, port: number): Promise<Listener> {
    try {
      return await listen({ ...settings, port, implicitTls }, serve, onBug, onTurnedAway);
    } catch (error) {
      await plain.drain(0);
      throw error;
    }
  }
}
