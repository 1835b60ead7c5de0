/** Those who behave: sessions that idle, and connections that deliver at an even pace, each to an account of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapClient } from '../client/imap-client.ts';
import { SmtpClient } from '../client/smtp-client.ts';
import { password, type Server, userOf, users } from '../servers/server.ts';
import type { Latencies } from './latencies.ts';
import type { News } from './news.ts';
import type { SoakOptions } from './options.ts';

/** Servers count connections per address. */
const imapPerAddress = 100;
const smtpPerAddress = 25;
const openingAtOnce = 8;

/** Opens the sessions that idle. */
export async function openIdlers(
  server: Server,
  { idle, tlsEvery }: SoakOptions,
  news: News,
): Promise<readonly ImapClient[]> {
  const clients: ImapClient[] = [];
  for (let first = 0; first < idle; first += openingAtOnce) {
    const some = Array.from({ length: Math.min(openingAtOnce, idle - first) }, (_, n) => first + n);
    clients.push(...(await Promise.all(some.map((n) => openIdler(server, n, tlsEvery, news)))));
  }
  return clients;
}

async function openIdler(server: Server, n: number, tlsEvery: number, news: News): Promise<ImapClient> {
  const tls = tlsEvery > 0 && n % tlsEvery === 0;
  const port = (tls ? server.imaps : server.imap) ?? 0;
  const from = `127.0.1.${1 + Math.floor(n / imapPerAddress)}`;
  const client = await ImapClient.login({ port, tls, from }, userOf(n), password);
  news.listen(client, userOf(n), await client.select('INBOX'));
  await client.idle();
  return client;
}

export interface Deliveries {
  readonly count: number;
  /** Resolves when all connections have said goodbye. */
  stop(): Promise<void>;
}

/** Delivers until it is stopped. A connection that fails is told to `onError` and opened again. */
export function startDeliveries(
  server: Server,
  { deliver, rate }: SoakOptions,
  news: News,
  latencies: Latencies,
  onError: (error: unknown) => void,
): Deliveries {
  const state = { stopping: false, count: 0 };
  const connections = Math.min(deliver, users.length);
  const pauseMs = (connections / rate) * 1000;
  const one = async (n: number): Promise<void> => {
    await sleep((pauseMs * n) / connections);
    let smtp: SmtpClient | undefined;
    while (!state.stopping) {
      const startMs = performance.now();
      try {
        smtp ??= await SmtpClient.open({
          port: server.smtp ?? 0,
          from: `127.0.2.${1 + Math.floor(n / smtpPerAddress)}`,
        });
        const beforeMs = performance.now();
        await smtp.deliver(userOf(n), message(n, state.count));
        latencies.add(performance.now() - beforeMs);
        news.accepted(userOf(n));
        state.count++;
      } catch (error) {
        onError(error);
        smtp = undefined;
      }
      await sleep(Math.max(10, pauseMs - (performance.now() - startMs)));
    }
    await smtp?.close();
  };
  const running = Array.from({ length: connections }, (_, n) => one(n));
  return {
    get count() {
      return state.count;
    },
    stop: async () => {
      state.stopping = true;
      await Promise.all(running);
    },
  };
}

function message(connection: number, count: number): Buffer {
  const head = `From: Load <load@acme.example>\r\nTo: <${userOf(connection)}>\r\nSubject: number ${count}\r\n`;
  return Buffer.from(
    `${head}Message-ID: <${connection}.${count}@acme.example>\r\n\r\n${'A line of text.\r\n'.repeat(200)}`,
  );
}
