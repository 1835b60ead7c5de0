/**
 * A whole Postfold in this process over an embedded AWS in memory, put together as it is
 * deployed: every task has caches and accounts of its own, rings travel over HTTP and leases
 * lie in a table. So what it asks of AWS is what a deployment asks.
 */
import { createSecureContext } from 'node:tls';
import { type Functions, registerFunctions } from '../../bin/start/functions.ts';
import type { Journal } from '../../bin/start/journal.ts';
import { provisionOf } from '../../bin/start/provision.ts';
import { startServers } from '../../bin/start/servers.ts';
import { openStores, type Stores } from '../../bin/start/stores.ts';
import { hashPassword } from '../../core/auth/passwords/argon2id.ts';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import { addAccount } from '../../core/service/provision/accounts.ts';
import { addDomain } from '../../core/service/provision/domains.ts';
import type { Outcome } from '../../core/service/provision/outcome.ts';
import { addTenant } from '../../core/service/provision/tenants.ts';
import type { Routes } from '../../core/service/relay/route.ts';
import { noDnsResolver } from '../../core/store/dns-resolver.ts';
import type { Cloud } from '../../local/cloud.ts';
import { FakeClock } from '../../local/fake-clock.ts';
import { DeployedDoorbell } from './deployed-doorbell.ts';
import { type Postfold, password } from './postfold.ts';
import { type RequestTrace, traceRequests } from './request-trace.ts';

const domain = 'example.test';
const hostname = `mail.${domain}`;

/** One container of a deployment. It answers on all ports, and remembers only what it has seen itself. */
export interface Task {
  readonly ports: Postfold['ports'];
  /** Moved by the test alone: looks at the log, renewals of leases. */
  readonly clock: FakeClock;
  stop(): Promise<void>;
}

export interface InProcess {
  readonly cloud: Cloud;
  readonly trace: RequestTrace;
  /** `rung`: with a bell, as the IMAP servers have. */
  startTask(kind: 'rung' | 'not-rung'): Promise<Task>;
  /** Accounts of the one tenant, with the password of the tests. */
  addAccounts(addresses: readonly string[], quotaBytes: number): Promise<void>;
  /** Resolves when nothing is asked of AWS any more and no ring is under way. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** `routes`: where mail for other domains goes. There is no DNS. */
export async function startInProcess(routes: Routes = new Map()): Promise<InProcess> {
  const stores = await openStores({ dataDir: undefined, awsEndpoint: undefined, onProblem: report });
  const trace = traceRequests(stores.cloud);
  const started: { stop(): Promise<void> }[] = [];
  let rings = 0;
  const newDoorbell = () => new DeployedDoorbell(stores, (change) => (rings += change));
  const functions = registerFunctions(
    { ...stores, directory: newDirectory(stores), doorbell: newDoorbell() },
    { routes, hostname, resolver: noDnsResolver(), dnsAvailable: false },
    journal,
  );
  const provision = provisionOf(stores);
  done(await addTenant(provision, 'demo'));
  done(await addDomain(provision, domain, 'demo'));
  return {
    cloud: stores.cloud,
    trace,
    startTask: async (kind) => {
      const task = await startTask(kind, stores, newDoorbell(), functions);
      started.push(task);
      return task;
    },
    addAccounts: async (addresses, quotaBytes) => {
      const passwordHash = await hashPassword(password);
      for (const address of addresses)
        done(await addAccount(provision, { address, passwordHash, quotaBytes }));
    },
    quiet: () => quiet(() => trace.underWay + rings),
    close: async () => {
      await Promise.all(started.map((task) => task.stop()));
      await functions.close();
      await stores.close();
    },
  };
}

async function startTask(
  kind: 'rung' | 'not-rung',
  stores: Stores,
  doorbell: DeployedDoorbell,
  { ingest }: Functions,
): Promise<Task> {
  const clock = new FakeClock(Date.now());
  if (kind === 'rung') await doorbell.listen(clock);
  const own = { ...stores, clock, directory: newDirectory(stores), doorbell };
  // Clients here speak in clear: nobody has a certificate, and nobody needs one.
  const tls = { secureContext: createSecureContext() };
  const settings = { host: '127.0.0.1', hostname, portOffset: undefined, insecureAuth: true, tls };
  const { endpoints, drain } = await startServers(own, ingest, settings, journal);
  const port = (name: string) => endpoints.find((endpoint) => endpoint.name === name)?.port ?? 0;
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await drain(0);
    await doorbell.close();
  };
  return {
    clock,
    ports: {
      smtp: port('SMTP'),
      submission: port('submission'),
      submissions: port('submissions'),
      imap: port('IMAP'),
      imaps: port('IMAPS'),
      pop3: port('POP3'),
      pop3s: port('POP3S'),
    },
    stop: () => (stopping ??= stop()),
  };
}

const journal: Journal = { event() {}, smtp() {}, problem: report };

function report(what: string, cause?: unknown): void {
  console.error('in-process postfold:', what, cause ?? '');
}

/** With memories of its own. */
function newDirectory({ directoryStore }: Stores): StoredDirectory {
  return new StoredDirectory(directoryStore, new PasswordVerifier(Date.now), Date.now);
}

/** Turns of the event loop without anything under way that count as silence. */
const silentTurns = 8;
const maxTurns = 200_000;

async function quiet(underWay: () => number): Promise<void> {
  for (let silent = 0, turn = 0; silent < silentTurns; turn++) {
    if (turn > maxTurns) throw new Error('it does not become quiet');
    await new Promise((resolve) => setTimeout(resolve, 0));
    silent = underWay() === 0 ? silent + 1 : 0;
  }
}

function done<Value>(outcome: Outcome<Value>): Value {
  if ('done' in outcome) return outcome.done;
  throw new Error(`could not make the directory: ${outcome.refused}`);
}
