/** Sessions that wait: how soon one hears of new mail, and what a thousand of them weigh. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapClient } from '../client/imap-client.ts';
import { SmtpClient } from '../client/smtp-client.ts';
import { measure } from '../measure.ts';
import { memoryOf } from '../process-tree.ts';
import { password, type Server, userOf } from '../servers/server.ts';
import type { Scenario } from './scenario.ts';

const patienceMs = 20_000;

/** From the 250 of SMTP to the EXISTS of an idling session. */
export function idleScenarios(): readonly Scenario[] {
  return [
    {
      name: 'IMAP IDLE, 250 to EXISTS',
      withinMs: 5,
      runsOn: ({ smtp, imap }) => smtp !== undefined && imap !== undefined,
      run: (server, { mail, seconds }) => {
        const message = mail.sized(0, 4096);
        return measure({ connections: 1, seconds }, server.roots, async () => {
          const [smtp, imap] = await Promise.all([
            SmtpClient.open({ port: server.smtp ?? 0 }),
            ImapClient.login({ port: server.imap ?? 0 }, userOf(0), password),
          ]);
          let exists = await imap.select('INBOX');
          const done = await imap.idle();
          let lapMs = 0;
          return {
            step: async () => {
              const heard = nextExists(imap, exists);
              await smtp.deliver(userOf(0), message);
              const accepted = performance.now();
              const news = await heard;
              exists = news.count;
              lapMs = Math.max(0, news.atMs - accepted);
            },
            lap: () => lapMs,
            close: async () => {
              await done();
              await Promise.all([imap.close(), smtp.close()]);
            },
          };
        });
      },
    },
  ];
}

function nextExists(
  imap: ImapClient,
  before: number,
): Promise<{ readonly count: number; readonly atMs: number }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no EXISTS')), patienceMs);
    imap.onExists = (count) => {
      if (count <= before) return;
      clearTimeout(timer);
      resolve({ count, atMs: performance.now() });
    };
  });
}

/** Servers count connections per address. */
const perAddress = 80;
const opening = 8;
const settleMs = 3000;

/** Sessions that are logged in and idle, and stay so until all of them are dropped. */
export class IdleCrowd {
  readonly #server: Server;
  readonly #clients: ImapClient[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  /** Octets of server memory that each of `count` more connections takes, after half as many have warmed it up. */
  async weigh(count: number, tls: boolean): Promise<number> {
    await this.#server.collect?.(); // else they fill the room that its start left
    const before = await this.#add(Math.ceil(count / 2), tls);
    return ((await this.#add(count, tls)) - before) / count;
  }

  drop(): void {
    for (const client of this.#clients) client.destroy();
  }

  /** The server's memory when they have settled. */
  async #add(count: number, tls: boolean): Promise<number> {
    for (let left = count; left > 0; left -= opening) {
      const first = this.#clients.length;
      const some = Array.from({ length: Math.min(opening, left) }, (_, i) => this.#open(first + i, tls));
      this.#clients.push(...(await Promise.all(some)));
    }
    await sleep(settleMs);
    await this.#server.collect?.();
    return memoryOf(this.#server.roots);
  }

  async #open(n: number, tls: boolean): Promise<ImapClient> {
    const port = (tls ? this.#server.imaps : this.#server.imap) ?? 0;
    const from = `127.0.0.${2 + Math.floor(n / perAddress)}`;
    const client = await ImapClient.login({ port, tls, from, patient: true }, userOf(n), password);
    await client.select('INBOX');
    await client.idle();
    return client;
  }
}
