/** What the dialogues run on: sessions with all they need, and hands to change things from outside. */
import type { Duplex } from 'node:stream';
import type { EntryId, MailboxId, MessageId } from '../../../core/mail/ids.ts';
import type { Ids } from '../../../core/mail/ports/clock.ts';
import type { Identity } from '../../../core/mail/ports/directory.ts';
import type { ImapDependencies } from '../../../core/protocol/imap/context.ts';
import { RecentMarks } from '../../../core/protocol/imap/recent.ts';
import { Session } from '../../../core/protocol/imap/session.ts';
import { MemoryAccount } from '../../../core/protocol/imap/testing/memory-account.ts';
import { Connection } from '../../../core/protocol/wire/connection.ts';
import { testTls } from '../../../core/protocol/wire/testing/tls.ts';
import { textOf } from '../../../core/service/account/text.ts';
import { FakeClock } from '../../../local/fake-clock.ts';

export interface WorldSettings {
  readonly tls: boolean;
  readonly insecureAuth: boolean;
  readonly quotaBytes: number;
  readonly maxAppendOctets: number;
}

export interface World {
  /** Serves one connection. */
  serve(stream: Duplex, draining: AbortSignal): Promise<void>;
  /** A message arrives in INBOX. */
  deliver(message: string): Promise<void>;
  readonly failing: Set<string>;
  readonly events: readonly string[];
  /** Log entries so far. */
  entries(): number;
  wait(ms: number): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(settings: WorldSettings): Promise<World> {
  const clock = new FakeClock(Date.UTC(2026, 10, 23));
  const account = new MemoryAccount(clock, countingIds(clock));
  account.quotaBytes = settings.quotaBytes;
  const events: string[] = [];
  const failing = account.failing;
  const authenticate = async (login: string, password: string): Promise<Identity | undefined> => {
    if (failing.has('directory')) throw new Error('the directory is down');
    if (login.toLowerCase() !== 'ann@example.org' || password !== 'se cret') return undefined;
    return { account: account.key, login: 'ann@example.org', quotaBytes: settings.quotaBytes };
  };
  const deps: ImapDependencies = {
    directory: { authenticate },
    accounts: account,
    clock,
    ids: countingIds(clock),
    textOf,
    recent: new RecentMarks(),
    log: ({ event, error }) => {
      events.push(event);
      if (event === 'bug') console.error(error);
    },
  };
  const tls = settings.tls ? testTls : undefined;
  const { insecureAuth, maxAppendOctets } = settings;
  return {
    serve: (stream, draining) => {
      const connection = new Connection(stream, 2000);
      const peer = { remote: '192.0.2.1', id: 's' };
      return new Session(deps, { tls, insecureAuth, maxAppendOctets }, connection, draining, peer).run();
    },
    deliver: async (message) => account.deliver(message),
    failing,
    events,
    entries: () => account.entries,
    wait: (ms) => clock.advance(ms),
    close: async () => {
      if (account.holders !== 0) throw new Error('an account was not released');
    },
  };
}

function countingIds(clock: FakeClock): Ids {
  let count = 0;
  const next = () => (++count).toString(16).padStart(12, '0');
  return {
    messageId: () => {
      const time = clock.now().toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${next()}` as MessageId;
    },
    entryId: () => next() as EntryId,
    mailboxId: () => `m${next()}` as MailboxId,
    random: () => 0.5,
  };
}
