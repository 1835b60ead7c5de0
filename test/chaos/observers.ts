/**
 * Clients that change nothing and must know everything in the end: one that idles in a mailbox and believes what it is
 * told (RFC 2177), one that comes back again and again and asks for what has changed since (RFC 7162 3.1.4).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ImapClient, rowsOf, textOf } from './imap-client.ts';
import type { Ledger } from './ledger.ts';
import { View, ViewError } from './view.ts';
import type { Ports } from './worker.ts';

export interface Observer {
  /** Watches until `stop`. */
  readonly watching: Promise<void>;
  stop(): void;
  /** When nothing changes any more: brings itself up to date by its own means, and compares. Calls `fail` if it cannot. */
  settle(port: number): Promise<void>;
}

export interface ObserverSettings {
  readonly ledger: Ledger;
  readonly account: string;
  readonly mailbox: string;
  readonly password: string;
  /** Where to go when the connection is lost. */
  readonly ports: () => Ports;
  readonly random: () => number;
}

const attempts = 20;
const pauseMs = 100;

abstract class Watcher implements Observer {
  readonly settings: ObserverSettings;
  #stopped = false;
  #paused = false;
  #turn: Promise<void> = Promise.resolve();
  readonly watching: Promise<void>;

  constructor(settings: ObserverSettings) {
    this.settings = settings;
    this.watching = this.#watch();
  }

  get name(): string {
    return `${this.settings.account}/${this.settings.mailbox}`;
  }

  stop(): void {
    this.#stopped = true;
  }

  async settle(port: number): Promise<void> {
    this.#paused = true;
    await this.#turn;
    try {
      await this.#compare(port);
    } finally {
      this.#paused = false;
    }
  }

  protected abstract turn(): Promise<void>;
  /** What it believes after it has asked. */
  protected abstract believed(): Promise<string>;
  protected abstract lost(): void;

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      if (!this.#paused) {
        this.#turn = this.turn().catch((error: unknown) => this.#broken(error));
        await this.#turn;
      }
      await delay(20);
    }
    this.lost();
  }

  #broken(error: unknown): void {
    if (error instanceof ViewError)
      this.settings.ledger.fail(`${this.name}: a client was told ${error.message}`);
    this.lost();
  }

  /**
   * Notifications may come at any time: what a fresh client saw before must be known, and what is known a fresh client
   * must see afterwards. A difference counts only when it stays, since news may be late.
   */
  async #compare(port: number): Promise<void> {
    let [before, is, after] = ['', '', ''];
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await delay(pauseMs);
      before = await this.#fresh(port);
      try {
        is = await this.believed();
      } catch (error) {
        this.#broken(error);
        continue;
      }
      after = is === before ? before : await this.#fresh(port);
      if (missing(before, is).length === 0 && missing(is, after).length === 0) return;
    }
    this.settings.ledger.fail(
      `${this.name}: ${this.constructor.name} knows other than there is:\n${difference(before, is, after)}`,
    );
    this.lost();
  }

  async #fresh(port: number): Promise<string> {
    const { account, password, mailbox } = this.settings;
    const client = await ImapClient.login(port, account, password);
    try {
      await client.select(mailbox);
      const { untagged } = await client.command('UID FETCH 1:* (FLAGS)');
      return rowsOf(untagged)
        .map(({ uid, flags }) => `${uid} (${flags})`)
        .join('\n');
    } finally {
      client.destroy();
    }
  }
}

/** Holds one session for as long as it lives, and asks for nothing but what is new. */
export class IdleWatcher extends Watcher {
  #client: ImapClient | undefined;
  #view = new View();

  protected override async turn(): Promise<void> {
    const client = await this.#open();
    this.#view.apply((await client.idle(200 + this.settings.random() * 1_300)).untagged);
    await this.#fill(client);
  }

  protected override async believed(): Promise<string> {
    const client = await this.#open();
    this.#view.apply((await client.command('NOOP')).untagged);
    await this.#fill(client);
    return this.#view.text;
  }

  protected override lost(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }

  async #open(): Promise<ImapClient> {
    if (this.#client) return this.#client;
    const { account, password, mailbox, ports } = this.settings;
    const client = await ImapClient.login(ports().imap, account, password);
    this.#client = client;
    this.#view = new View();
    const { status, untagged } = await client.command(`SELECT "${mailbox}"`);
    if (status !== 'OK') throw new Error('SELECT was refused');
    this.#view.apply(untagged);
    await this.#fill(client);
    return client;
  }

  async #fill(client: ImapClient): Promise<void> {
    for (let asked = 0; this.#view.unknown !== undefined && asked < attempts; asked++) {
      const { status, untagged } = await client.command(`FETCH ${this.#view.unknown}:* (UID FLAGS)`);
      this.#view.apply(untagged);
      if (status !== 'OK') throw new Error('FETCH was refused');
    }
  }
}

/** Keeps what it knew over connections that it breaks off, and the mod-sequence up to which it knew it. */
export class ReturningWatcher extends Watcher {
  #validity = 0;
  #modSeq = 0;
  #known = new Map<number, string>();

  protected override async turn(): Promise<void> {
    await this.believed();
    await delay(100 + this.settings.random() * 700);
  }

  protected override lost(): void {
    // It has nothing to lose: the next connection goes on where the last whole answer was.
  }

  protected override async believed(): Promise<string> {
    const { account, password, mailbox, ports, ledger } = this.settings;
    const client = await ImapClient.login(ports().imap, account, password);
    try {
      const selected = await client.select(mailbox);
      const { validity, highestModSeq } = selected;
      if (validity !== this.#validity) [this.#known, this.#modSeq] = [new Map(), 0];
      if (highestModSeq < this.#modSeq)
        ledger.fail(`${this.name}: HIGHESTMODSEQ was ${this.#modSeq} and is ${highestModSeq}`);
      const since = this.#modSeq === 0 ? '' : ` (CHANGEDSINCE ${this.#modSeq})`;
      const changed = await client.command(`UID FETCH 1:* (FLAGS)${since}`);
      const there = await client.command('UID SEARCH ALL');
      if (changed.status !== 'OK' || there.status !== 'OK') throw new Error('it was refused');
      for (const { uid, flags } of rowsOf([...changed.untagged, ...there.untagged]))
        this.#known.set(uid, flags);
      const uids = (/^\* SEARCH(.*)$/m.exec(textOf(there.untagged))?.[1] ?? '')
        .split(' ')
        .filter(Boolean)
        .map(Number);
      this.#known = new Map(uids.map((uid) => [uid, this.#known.get(uid) ?? 'never heard of']));
      [this.#validity, this.#modSeq] = [validity, highestModSeq];
      return [...this.#known]
        .sort(([a], [b]) => a - b)
        .map(([uid, flags]) => `${uid} (${flags})`)
        .join('\n');
    } finally {
      client.destroy();
    }
  }
}

function difference(before: string, is: string, after: string): string {
  const [unknown, gone] = [missing(before, is), missing(is, after)].map((lines) =>
    lines.slice(0, 10).join(', '),
  );
  return `  not known: ${unknown}\n  not there: ${gone}`;
}

/** Lines of `from` that are not in `among`. */
function missing(from: string, among: string): readonly string[] {
  const there = new Set(among.split('\n'));
  return from === '' ? [] : from.split('\n').filter((line) => !there.has(line));
}
