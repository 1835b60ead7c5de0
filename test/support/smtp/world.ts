/**
 * A whole way in, for tests: the SMTP backend, `ingest` behind the embedded Lambda, the real
 * stores in memory, two tenants, and a DNS zone that the test writes.
 */
import { type Duplex, duplexPair } from 'node:stream';
import { hashPassword } from '../../../core/auth/passwords/argon2id.ts';
import { PasswordVerifier } from '../../../core/auth/passwords/verifier.ts';
import type { AccountId, AccountKey } from '../../../core/mail/ids.ts';
import type { MessageRecord } from '../../../core/mail/message-record.ts';
import { type Zone, zoneResolver } from '../../../core/mail/testing/zone-resolver.ts';
import { serveSmtp } from '../../../core/protocol/smtp/session.ts';
import type { SmtpSettings } from '../../../core/protocol/smtp/settings.ts';
import { StoredDirectory } from '../../../core/service/directory/directory.ts';
import { addAccount } from '../../../core/service/provision/accounts.ts';
import { addAlias } from '../../../core/service/provision/aliases.ts';
import { addDomain } from '../../../core/service/provision/domains.ts';
import { logOpener } from '../../../core/service/provision/open-log.ts';
import { addTenant } from '../../../core/service/provision/tenants.ts';
import type { Ingest } from '../../../core/service/receive/event.ts';
import { type BackendLimits, MailBackend } from '../../../core/service/smtp-backend/backend.ts';
import { DynamoDirectoryStore } from '../../../core/store/directory-store.ts';
import { invokeIngest } from '../../../core/store/invoke-ingest.ts';
import { SqsOutbound } from '../../../core/store/outbound.ts';
import { ensureQueues } from '../../../core/store/queues.ts';
import { createIngest } from '../../../lambdas/ingest/factory.ts';
import { parseEvent } from '../../../lambdas/ingest/parse-event.ts';
import { done } from '../directory.ts';
import { accountKey, openStores, type TestStores } from '../stores.ts';
import { SmtpClient } from './client.ts';

export const password = 'correct horse';
const hostname = 'mx.example.org';

/** Accounts ann and bob of acme at example.org, eve of other at other.test; `all@example.org` is ann and bob. */
export async function openWorld(zone: Zone | 'no-dns' = {}) {
  const stores = await openStores();
  const { clients, names, clock: stopped } = stores;
  const clock = {
    now: () => stopped.now(),
    after: (_delayMs: number, callback: () => void) => {
      const immediate = setImmediate(callback); // nobody waits in these tests
      return () => clearImmediate(immediate);
    },
  };
  const now = () => clock.now();
  const queueUrl = await ensureQueues(clients.sqs, '');
  const store = await provisioned(stores, now);
  const settings = {
    hostname,
    tablePrefix: '',
    bucket: 'mail',
    outboundQueueUrl: queueUrl,
    dnsServers: [],
    dnsAvailable: zone !== 'no-dns',
    outboundExpiryMs: 5 * 86_400_000,
  };
  const resolver = zoneResolver(zone === 'no-dns' ? {} : zone);
  const direct = createIngest(clients, settings, { resolver, clock });
  stores.cloud.registerFunction('ingest', (event) => direct(parseEvent(event)));
  const invoke = invokeIngest(clients.lambda, 'ingest');
  const directory = new StoredDirectory(store, new PasswordVerifier(now), now);
  const backendWith = (ingest: Ingest, limits: BackendLimits = {}) =>
    new MailBackend(
      { directory, logs: stores.log, bodies: stores.bodies, ingest, clock, ids: stores.ids },
      limits,
    );
  const backend = backendWith(invoke);
  const outbound = new SqsOutbound(clients.dynamo, clients.sqs, { table: names.outbound, queueUrl }, now);
  const draining = new AbortController();
  const sessions: Promise<void>[] = [];
  const peers: SmtpClient[] = [];
  return {
    ...stores,
    ingest: direct,
    invoke,
    backend,
    backendWith,
    clock,
    /** Time passes. */
    advance: (ms: number) => stopped.advance(ms),
    outbound,
    accounts: {
      ann: accountKey('a1'),
      bob: accountKey('a2'),
      full: accountKey('a3'),
      eve: accountKey('a4', 'other'),
    },
    /** A session over a pair of streams, greeted. */
    async connect(mode: SmtpSettings['mode'], serving = backend, from = '192.0.2.1'): Promise<SmtpClient> {
      const [server, client] = duplexPair();
      const smtp = { mode, hostname, maxMessageOctets: 30_000_000, insecureAuth: true };
      const dependencies = { backend: serving, clock, observe: () => {} };
      sessions.push(serveSmtp(server, from, dependencies, smtp, draining.signal));
      const peer = await greeted(client);
      peers.push(peer);
      return peer;
    },
    /** Ends all sessions and the embedded AWS. */
    async close() {
      draining.abort();
      await Promise.all(peers.map((peer) => peer.close()));
      await Promise.all(sessions);
      await stores.close();
    },
    /** What is in an account: mailbox and octets of each message, oldest first. */
    messagesOf: (account: AccountKey) => messagesOf(account, stores),
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** The tables of the directory with all accounts in them. */
async function provisioned(stores: TestStores, now: () => number): Promise<DynamoDirectoryStore> {
  const store = new DynamoDirectoryStore(stores.clients.dynamo, stores.names, () => 'rev');
  let accounts = 0;
  const provision = {
    store,
    now,
    newAccountId: () => `a${++accounts}` as AccountId,
    openLog: logOpener(stores.log, stores.ids, now),
  };
  const passwordHash = await hashPassword(password);
  const quotas: Record<string, number> = { 'full@example.org': 5000 };
  for (const [tenant, domain, locals] of [
    ['acme', 'example.org', ['ann', 'bob', 'full']],
    ['other', 'other.test', ['eve']],
  ] as const) {
    done(await addTenant(provision, tenant));
    done(await addDomain(provision, domain, tenant));
    for (const local of locals) {
      const address = `${local}@${domain}`;
      done(await addAccount(provision, { address, quotaBytes: quotas[address] ?? 0, passwordHash }));
    }
  }
  done(await addAlias(provision, 'all@example.org', ['ann@example.org', 'bob@example.org'], false));
  done(await addAlias(provision, 'away@example.org', ['ann@elsewhere.example'], false));
  return store;
}

async function messagesOf(account: AccountKey, stores: TestStores) {
  const entries = await stores.log.read(account, 0, 1000);
  const appended = entries.flatMap((entry) =>
    entry.kind === 'appended' ? entry.messages.map((fact) => ({ mailbox: entry.mailbox, fact })) : [],
  );
  const records = await stores.messages.get(
    account,
    appended.map(({ fact }) => fact.messageId),
  );
  return Promise.all(
    appended.map(async ({ mailbox, fact }) => {
      const record = records.get(fact.messageId);
      if (!record) throw new Error(`${fact.messageId} has no record`);
      return { mailbox, fact, record, text: (await whole(record, stores)).toString('latin1') };
    }),
  );
}

async function whole({ body }: MessageRecord, stores: TestStores): Promise<Buffer> {
  const object = Buffer.from(await stores.bodies.read(body.key, 0, Number.POSITIVE_INFINITY));
  const pieces = [Buffer.from(body.prefix ?? '', 'latin1')];
  let start = 0;
  for (const [from, to] of [...(body.cuts ?? []), [object.length, object.length] as const]) {
    pieces.push(object.subarray(start, from));
    start = to;
  }
  return Buffer.concat(pieces);
}

async function greeted(stream: Duplex): Promise<SmtpClient> {
  const client = new SmtpClient(stream);
  await client.reply();
  await client.say('EHLO client.example.net');
  return client;
}
