/**
 * What the dialogues run on: real sessions over the real account service on an embedded AWS in
 * memory, and a second task with its own view of the log, from which mail arrives.
 */
import type { Duplex } from 'node:stream';
import { inboxId } from '../../../core/mail/account/apply.ts';
import { decideAppend } from '../../../core/mail/account/decide-append.ts';
import type { AccountKey, ModSeq } from '../../../core/mail/ids.ts';
import { partitionKey } from '../../../core/mail/ids.ts';
import type { Identity } from '../../../core/mail/ports/directory.ts';
import type { Doorbell, DoorbellListener } from '../../../core/mail/ports/doorbell.ts';
import type { ImapDependencies } from '../../../core/protocol/imap/context.ts';
import { RecentMarks } from '../../../core/protocol/imap/recent.ts';
import { Session } from '../../../core/protocol/imap/session.ts';
import { Connection } from '../../../core/protocol/wire/connection.ts';
import { testTls } from '../../../core/protocol/wire/testing/tls.ts';
import { SharedAccounts } from '../../../core/service/account/accounts.ts';
import { textOf } from '../../../core/service/account/text.ts';
import { type ImapServer, startImap } from '../../../fargate/imap/server.ts';
import { defaultSettings } from '../../../fargate/imap/settings.ts';
import { accountKey, openStores, type TestStores } from '../../support/stores.ts';

export interface WorldSettings {
  readonly tls: boolean;
  readonly insecureAuth: boolean;
  readonly quotaBytes: number;
  readonly maxAppendOctets: number;
}

/** One account and those who use it. */
export class World {
  readonly events: string[] = [];
  readonly #stores: TestStores;
  readonly #settings: WorldSettings;
  readonly #key: AccountKey;
  readonly #here: SharedAccounts;
  readonly #elsewhere: SharedAccounts;
  readonly #deps: ImapDependencies;
  readonly #failing = new Map<string, () => void>();

  constructor(stores: TestStores, name: string, settings: WorldSettings) {
    this.#stores = stores;
    this.#settings = settings;
    this.#key = accountKey(name);
    const bell = new Bell();
    this.#here = new SharedAccounts({ ...stores, listener: bell });
    this.#elsewhere = new SharedAccounts({ ...stores, doorbell: bell });
    this.#deps = {
      directory: { authenticate: (login, password) => this.#authenticate(login, password) },
      accounts: this.#here,
      clock: stores.clock,
      ids: stores.ids,
      textOf,
      recent: new RecentMarks(),
      log: ({ event, error }) => {
        this.events.push(event);
        if (event === 'bug') console.error(error);
      },
    };
  }

  /** Serves one connection. */
  serve(stream: Duplex, draining: AbortSignal): Promise<void> {
    const { tls, insecureAuth, maxAppendOctets } = this.#settings;
    const settings = { tls: tls ? testTls : undefined, insecureAuth, maxAppendOctets };
    const peer = { remote: '192.0.2.1', id: 's' };
    return new Session(this.#deps, settings, new Connection(stream, 2000), draining, peer).run();
  }

  /** The server on free loopback ports. */
  listen(): Promise<ImapServer> {
    const ports = { host: '127.0.0.1', port: 0, tlsPort: 0 };
    return startImap({ ...this.#deps, tls: testTls }, { ...defaultSettings, ...this.#settings, ...ports });
  }

  /** A message arrives in INBOX, through another task. */
  async deliver(message: string): Promise<void> {
    const account = await this.#elsewhere.open(this.#key, 0);
    const nowMs = this.#stores.clock.now();
    const staged = await account.stage(once(Buffer.from(message, 'latin1')), nowMs);
    await account.commit((state) => decideAppend(state, inboxId, [{ ...staged, flags: [] }], 0, nowMs));
    await account.release();
  }

  /** Entries of the account's log. */
  async entries(): Promise<number> {
    return (await this.#stores.log.head(this.#key))?.modSeq ?? 0;
  }

  /** `dynamodb` and `s3` answer 500, `directory` throws. */
  fail(what: string): void {
    const { faults } = this.#stores.cloud;
    const service = what === 'dynamodb' || what === 's3' ? what : undefined;
    this.#failing.set(what, service ? faults.add({ kind: 'error', service }) : () => {});
  }

  heal(what: string): void {
    this.#failing.get(what)?.();
    this.#failing.delete(what);
  }

  wait(ms: number): Promise<void> {
    return this.#stores.clock.advance(ms);
  }

  async close(): Promise<void> {
    for (const what of this.#failing.keys()) this.heal(what);
    await Promise.all([this.#here.close(), this.#elsewhere.close()]);
  }

  async #authenticate(login: string, password: string): Promise<Identity | undefined> {
    if (this.#failing.has('directory')) throw new Error('the directory is down');
    if (login.toLowerCase() !== 'ann@example.org' || password !== 'se cret') return undefined;
    return { account: this.#key, login: 'ann@example.org', quotaBytes: this.#settings.quotaBytes };
  }
}

/** Worlds share one embedded AWS, each with an account of its own. */
export async function openWorlds() {
  const stores = await openStores();
  let worlds = 0;
  return {
    open: (settings: WorldSettings) => new World(stores, `a${++worlds}`, settings),
    close: () => stores.close(),
  };
}

/** The doorbell between two tasks that are one process. */
class Bell implements Doorbell, DoorbellListener {
  readonly #holders = new Map<string, Set<(modSeq: ModSeq) => void>>();

  async ring(account: AccountKey, modSeq: ModSeq): Promise<void> {
    for (const onRing of this.#holders.get(partitionKey(account)) ?? []) onRing(modSeq);
  }

  async hold(account: AccountKey, onRing: (modSeq: ModSeq) => void): Promise<() => Promise<void>> {
    const key = partitionKey(account);
    const holders = this.#holders.get(key) ?? new Set();
    this.#holders.set(key, holders.add(onRing));
    return async () => void holders.delete(onRing);
  }
}

async function* once(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets;
}
