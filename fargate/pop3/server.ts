/** The POP3 server: its two listeners over one set of dependencies. Used by the container and by `postfold start`. */
import type { Pop3Deps } from '../../core/protocol/pop3/context.ts';
import { loginTimeoutMs } from '../../core/protocol/pop3/limits.ts';
import { servePop3 } from '../../core/protocol/pop3/session.ts';
import { Connection } from '../../core/protocol/wire/connection.ts';
import { type Listener, listen, type OnConnection, type TurnedAway } from '../shared/listen.ts';
import type { Pop3Settings } from './settings.ts';

export interface Pop3Server {
  /** The ports that were bound. */
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly connections: number;
  /** Takes no more connections, ends sessions between two commands, cuts off what is left after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** Listens on both ports. Rejects when one cannot be had, or when TLS is asked for without a certificate. */
export async function startPop3(
  deps: Omit<Pop3Deps, 'insecureAuth'>,
  settings: Pop3Settings,
): Promise<Pop3Server> {
  const session = { ...deps, insecureAuth: settings.insecureAuth };
  const serve: OnConnection = (stream, remote, draining) =>
    servePop3(session, new Connection(stream, loginTimeoutMs), remote.address, draining);
  const onBug = (error: unknown) =>
    deps.onEvent({ event: 'pop3.failure', remote: '', doing: 'connection', error });
  const onTurnedAway = (event: TurnedAway) => deps.onEvent({ event: 'pop3.turned-away', ...event });
  const listeners: Listener[] = [];
  const busyLine = '-ERR [SYS/TEMP] Too many connections, come again\r\n';
  const plain = await listen({ ...settings, busyLine }, serve, onBug, onTurnedAway);
  listeners.push(plain);
  const secure = settings.tlsPort === undefined ? undefined : await listenTls(settings.tlsPort);
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

  async function listenTls(port: number): Promise<Listener> {
    try {
      if (!deps.tls) throw new Error('POP3 over TLS needs a certificate');
      const listener = await listen({ ...settings, port, implicitTls: deps.tls }, serve, onBug, onTurnedAway);
      listeners.push(listener);
      return listener;
    } catch (error) {
      await plain.drain(0);
      throw error;
    }
  }
}
