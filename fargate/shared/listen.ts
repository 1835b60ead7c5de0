/**
 * A TCP listener that the three servers share: limits on connections, the PROXY header, implicit
 * TLS, and draining. It hands out byte streams and knows no mail protocol.
 */
import { once, setMaxListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { clientKey } from '../../core/auth/guessing/keys.ts';
import type { TlsSettings } from '../../core/protocol/wire/connection.ts';
import {
  canonicalAddress,
  type ProxySource,
  parseProxyHeader,
} from '../../core/protocol/wire/proxy-protocol.ts';

export interface ListenSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Only behind a balancer that writes the header on every connection: a client could write its own. */
  readonly proxyProtocol: boolean;
  /** Present: TLS begins with the first octet (RFC 8314 3). Absent: the stream is handed out in clear. */
  readonly implicitTls?: TlsSettings;
  readonly maxConnections: number;
  /** Connections of one IPv4 address or one IPv6 /64. */
  readonly maxPerAddress: number;
  /** Written to one who is turned away, in clear only; with its CRLF. */
  readonly busyLine?: string;
}

export interface Remote {
  readonly address: string;
  readonly port: number;
}

/**
 * Serves one connection until its end. `draining` aborts when the server is about to stop: finish
 * what was begun, then say goodbye. A rejection is reported and closes the connection.
 */
export type OnConnection = (stream: Duplex, remote: Remote, draining: AbortSignal) => Promise<void>;

/** Connections that came to no session. Told at most every ten seconds for each reason, or a flood would write our disks full. */
export interface TurnedAway {
  readonly reason: 'too many' | 'too many of one address' | 'no PROXY header' | 'no TLS';
  /** Of the last of them. */
  readonly remote: string;
  /** How many since the last report. */
  readonly count: number;
}

export interface Listener {
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Takes no more, waits up to `graceMs` for those that are there, then cuts them off. */
  drain(graceMs: number): Promise<void>;
}

/** For the PROXY header and for the handshake of implicit TLS. */
const preludeTimeoutMs = 10_000;
const reportPauseMs = 10_000;

/** Listens. Rejects when the port cannot be had. `onBug` hears of every session that threw. */
export async function listen(
  settings: ListenSettings,
  onConnection: OnConnection,
  onBug: (error: unknown) => void,
  onTurnedAway: (event: TurnedAway) => void = () => {},
): Promise<Listener> {
  const doors = new Doors(settings, onConnection, onBug, onTurnedAway);
  const server = createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) =>
    doors.open(socket),
  );
  server.listen(settings.port, settings.host);
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : settings.port,
    get connections() {
      return doors.count;
    },
    drain: (graceMs) => doors.drain(server, graceMs),
  };
}

/** The connections of one listener. */
class Doors {
  readonly #settings: ListenSettings;
  readonly #onConnection: OnConnection;
  readonly #onBug: (error: unknown) => void;
  readonly #draining = new AbortController();
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();
  readonly #perAddress = new Map<string, number>();
  readonly #onTurnedAway: (event: TurnedAway) => void;
  readonly #untold = new Map<TurnedAway['reason'], { count: number; toldAtMs: number }>();

  constructor(
    settings: ListenSettings,
    onConnection: OnConnection,
    onBug: (error: unknown) => void,
    onTurnedAway: (event: TurnedAway) => void,
  ) {
    setMaxListeners(0, this.#draining.signal); // every session listens
    this.#settings = settings;
    this.#onConnection = onConnection;
    this.#onBug = onBug;
    this.#onTurnedAway = onTurnedAway;
  }

  get count(): number {
    return this.#sockets.size;
  }

  open(socket: Socket): void {
    socket.on('error', () => {}); // whoever reads or writes hears of it too
    if (this.#sockets.size >= this.#settings.maxConnections) {
      this.#turnAway(socket, 'too many', canonicalAddress(socket.remoteAddress ?? ''));
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const running = this.#serve(socket)
      .catch(this.#onBug)
      .finally(() => {
        this.#running.delete(running);
        if (!socket.destroyed) socket.destroySoon();
      });
    this.#running.add(running);
  }

  async drain(server: Server, graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    this.#draining.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.#running), late]);
    clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#running);
    await closed;
  }

  async #serve(socket: Socket): Promise<void> {
    const direct: Remote = {
      address: canonicalAddress(socket.remoteAddress ?? ''), // ::ffff:192.0.2.1 on a dual-stack listener
      port: socket.remotePort ?? 0,
    };
    const source = this.#settings.proxyProtocol ? await readProxyHeader(socket) : direct;
    if (source === 'broken') {
      this.#report('no PROXY header', direct.address);
      return void socket.destroy();
    }
    const remote = source ?? direct;
    const client = clientKey(remote.address);
    const open = this.#perAddress.get(client) ?? 0;
    if (open >= this.#settings.maxPerAddress)
      return this.#turnAway(socket, 'too many of one address', remote.address);
    this.#perAddress.set(client, open + 1);
    try {
      const stream = this.#settings.implicitTls
        ? await handshake(socket, this.#settings.implicitTls)
        : socket;
      if (stream) await this.#onConnection(stream, remote, this.#draining.signal);
      else this.#report('no TLS', remote.address);
    } finally {
      this.#leave(client);
    }
  }

  #leave(client: string): void {
    const open = (this.#perAddress.get(client) ?? 1) - 1;
    if (open === 0) this.#perAddress.delete(client);
    else this.#perAddress.set(client, open);
  }

  #turnAway(socket: Socket, reason: TurnedAway['reason'], remote: string): void {
    this.#report(reason, remote);
    const line = this.#settings.implicitTls ? undefined : this.#settings.busyLine;
    if (line !== undefined) socket.write(line);
    socket.destroySoon();
  }

  #report(reason: TurnedAway['reason'], remote: string): void {
    const nowMs = performance.now();
    const untold = this.#untold.get(reason) ?? { count: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    this.#untold.set(reason, untold);
    untold.count += 1;
    if (nowMs - untold.toldAtMs < reportPauseMs) return;
    this.#onTurnedAway({ reason, remote, count: untold.count });
    untold.count = 0;
    untold.toldAtMs = nowMs;
  }
}

/** The source, undefined for a health check; what follows the header stays in the socket. */
function readProxyHeader(socket: Socket): Promise<ProxySource | undefined | 'broken'> {
  return new Promise((resolve) => {
    let octets: Buffer = Buffer.alloc(0);
    const settle = (outcome: ProxySource | undefined | 'broken') => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      socket.pause();
      resolve(outcome);
    };
    const onEnd = () => settle('broken');
    const onData = (chunk: Buffer) => {
      octets = Buffer.concat([octets, chunk]);
      const header = parseProxyHeader(octets);
      if (header.kind === 'incomplete') return;
      if (header.kind === 'invalid') return settle('broken');
      settle(header.source);
      if (octets.length > header.octets) socket.unshift(octets.subarray(header.octets));
    };
    const timer = setTimeout(onEnd, preludeTimeoutMs);
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('close', onEnd);
  });
}

/** The stream under TLS, undefined when the handshake fails or takes too long. */
function handshake(socket: Socket, tls: TlsSettings): Promise<TLSSocket | undefined> {
  const secure = new TLSSocket(socket, { isServer: true, ...tls });
  return new Promise((resolve) => {
    const settle = (outcome: TLSSocket | undefined) => {
      clearTimeout(timer);
      if (!outcome) secure.destroy();
      resolve(outcome);
    };
    const failed = () => settle(undefined);
    const timer = setTimeout(failed, preludeTimeoutMs);
    secure.on('error', failed);
    secure.once('close', failed);
    secure.once('secure', () => settle(secure));
  });
}
