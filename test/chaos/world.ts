/**
 * A whole Postfold in this process over an embedded AWS that can be broken: two tasks with memories of their own,
 * Lambdas that can be killed, and a clock that can be moved on. With a data folder it also takes over what a
 * killed process has left, to bring the rest of its outbound mail to an end.
 */
import { AssertionError } from 'node:assert';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { type Functions, registerFunctions } from '../../bin/start/functions.ts';
import type { Journal } from '../../bin/start/journal.ts';
import { provisionDemo, provisionOf } from '../../bin/start/provision.ts';
import { startServers } from '../../bin/start/servers.ts';
import { openStores, type Stores } from '../../bin/start/stores.ts';
import { hashPassword } from '../../core/auth/passwords/argon2id.ts';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import type { AccountKey } from '../../core/mail/ids.ts';
import type { OutboundJob } from '../../core/mail/transfer/job.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import { addAccount, setForwards } from '../../core/service/provision/accounts.ts';
import { addAlias } from '../../core/service/provision/aliases.ts';
import { parseRoute } from '../../core/service/relay/route.ts';
import { DirectoryAccountLister } from '../../core/store/account-lister.ts';
import { noDnsResolver } from '../../core/store/dns-resolver.ts';
import { systemIds } from '../../core/store/ids.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { DeployedDoorbell } from '../support/deployed-doorbell.ts';
import { Killer } from './killer.ts';
import { carol, desk, leadsTo, type Ports, quotaBytes, team } from './worker.ts';

export interface Task {
  readonly ports: Ports;
  /** Lets sessions end for so long, and waits for what it does in the background. */
  stop(graceMs?: number): Promise<void>;
  /** None of its calls gets through any more; then its sessions are cut. */
  kill(): Promise<void>;
}

export interface World {
  readonly stores: Stores;
  readonly killer: Killer;
  startTask(): Promise<Task>;
  accounts(): Promise<readonly AccountKey[]>;
  /** Nothing runs any more that somebody once asked for. */
  quiet(): Promise<void>;
  /** Moves the clock on until every outbound job has ended. Gives all jobs; throws when they do not end. */
  drain(): Promise<readonly OutboundJob[]>;
  /** All that was reported, without bugs of ours it is only what faults explain. */
  readonly problems: readonly string[];
  moveClock(ms: number): void;
  close(): Promise<void>;
}

export interface WorldSettings {
  readonly dataDir: string | undefined;
  readonly sinkPort: number;
  readonly password: string;
  readonly random: () => number;
}

const domain = 'example.test';
const hostname = `mail.${domain}`;
/** As told to a `postfold start` of the other mode too. */
export const retries = { retryMs: [1000, 1000, 2000, 4000], expireMs: 25_000 } as const;
/** Entries between two snapshots: more of them than in earnest. */
const snapshotEvery = 60;
const maxDrainSteps = 200;
const maxKeptProblems = 5_000;
const silentTurns = 5;
const maxTurns = 3_000;
export const everyJob = 1_000_000;

export async function openWorld({ dataDir, sinkPort, password, random }: WorldSettings): Promise<World> {
  const problems: string[] = [];
  const report = (what: string, cause?: unknown) => {
    if (problems.length < maxKeptProblems) problems.push(`${what}: ${reasonOf(cause)}`);
  };
  const opened = await openStores({ dataDir, awsEndpoint: undefined, onProblem: report });
  let offsetMs = 0;
  const clock = { now: () => Date.now() + offsetMs, after: systemClock.after };
  const places = { table: opened.tables.outbound, queueUrl: opened.queueUrl };
  const outbound = new SqsOutbound(opened.aws.dynamo, opened.aws.sqs, places, () => clock.now());
  const stores: Stores = { ...opened, clock, ids: systemIds(clock), outbound };
  const killer = new Killer(stores.cloud, random);
  const bells = { rings: 0 };
  const newDoorbell = () => new DeployedDoorbell(stores, (change) => (bells.rings += change));
  const journal = journalOf(report);
  const settings = {
    routes: new Map([parseRoute(`*=127.0.0.1:${sinkPort}`)]),
    ...{ hostname, resolver: noDnsResolver(), dnsAvailable: false, ...retries },
  };
  const own = { ...stores, directory: newDirectory(stores), doorbell: newDoorbell() };
  const functions = registerFunctions(own, settings, journal);
  await provision(stores, password);
  const tasks = new Set<Task>();
  const quiet = () => silence(() => killer.running + bells.rings);
  const moveClock = (ms: number) => {
    offsetMs += ms;
  };

  return {
    stores,
    killer,
    problems,
    quiet,
    moveClock,
    startTask: () => startTask(tasks, stores, killer, newDoorbell(), functions, journal),
    accounts: () => Array.fromAsync(new DirectoryAccountLister(stores.directoryStore).accounts()),
    drain: () => drain(stores, quiet, moveClock),
    close: async () => {
      await Promise.all([...tasks].map((task) => task.stop()));
      await functions.close();
      await stores.close();
    },
  };
}

/** Who is not there yet: alice and bob, carol with a quota, an alias, and an account that forwards. */
async function provision(stores: Stores, password: string): Promise<void> {
  const provisioning = provisionOf(stores);
  if ((await provisionDemo(provisioning, domain, password)) === undefined) return;
  const passwordHash = await hashPassword(password);
  const made = [
    await addAccount(provisioning, { address: carol, passwordHash, quotaBytes }),
    await addAlias(provisioning, team, leadsTo[team] ?? [], false),
    await addAccount(provisioning, { address: desk, quotaBytes: 0 }),
    await setForwards(provisioning, desk, leadsTo[desk] ?? [], false),
  ];
  for (const one of made) if ('refused' in one) throw new Error(`it cannot be provided: ${one.refused}`);
}

async function startTask(
  tasks: Set<Task>,
  stores: Stores,
  killer: Killer,
  doorbell: DeployedDoorbell,
  { ingest }: Functions,
  journal: Journal,
): Promise<Task> {
  const life = killer.mortal(async () => {
    await doorbell.listen(stores.clock);
    const tls = { secureContext: createSecureContext() };
    const settings = { host: '127.0.0.1', hostname, portOffset: undefined, insecureAuth: true, tls };
    const own = { ...stores, directory: newDirectory(stores), doorbell };
    return startServers(own, ingest, { ...settings, accounts: { snapshotEvery } }, journal);
  });
  const servers = await life.started;
  const port = (name: string) => servers.endpoints.find((endpoint) => endpoint.name === name)?.port ?? 0;
  const stop = async (graceMs = 0) => {
    tasks.delete(task);
    await servers.drain(graceMs);
    await doorbell.close().catch((cause) => journal.problem('doorbell', cause));
  };
  const task: Task = {
    ports: { smtp: port('SMTP'), submission: port('submission'), imap: port('IMAP'), pop3: port('POP3') },
    stop,
    kill: () => {
      life.kill();
      return stop();
    },
  };
  tasks.add(task);
  return task;
}

async function silence(underWay: () => number): Promise<void> {
  for (let silent = 0, turn = 0; silent < silentTurns; turn++) {
    if (turn > maxTurns) throw new Error('it does not become quiet');
    await delay(10);
    silent = underWay() === 0 ? silent + 1 : 0;
  }
}

async function drain(
  { outbound, cloud }: Stores,
  quiet: () => Promise<void>,
  moveClock: (ms: number) => void,
): Promise<readonly OutboundJob[]> {
  let queued: readonly OutboundJob[] = [];
  for (let step = 0; step < maxDrainSteps; step++) {
    const jobs = await outbound.list(undefined, everyJob);
    queued = jobs.filter(({ state }) => state === 'queued');
    if (queued.length === 0) return jobs;
    await quiet(); // no relay holds a lease that the moved clock would end
    moveClock(61_000);
    await cloud.tickNow();
    await delay(50);
  }
  throw new Error(`${queued.length} outbound jobs do not end, one is ${JSON.stringify(queued[0])}`);
}

/** With memories of its own. */
function newDirectory({ directoryStore, clock }: Stores): StoredDirectory {
  return new StoredDirectory(directoryStore, new PasswordVerifier(clock.now), clock.now);
}

function journalOf(report: (what: string, cause?: unknown) => void): Journal {
  const event = (one: object) => reportBug(one, report);
  const journal = { event, smtp: event, imap: event, problem: report };
  return journal;
}

/** Of the events of a session only its bugs; the words are those that the checks look for. */
function reportBug(event: object, report: (what: string, cause?: unknown) => void): void {
  const { error } = event as { readonly error?: unknown };
  if (Object.values(event).includes('bug') || error instanceof AssertionError)
    report(`BUG ${JSON.stringify(event)}`, error);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause ?? '');
  return `${cause.name}: ${cause.message}${cause.cause ? ` <- ${reasonOf(cause.cause)}` : ''}`;
}
