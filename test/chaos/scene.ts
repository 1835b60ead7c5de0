/** What the two ways of running have in common: the promises, the sink, the workers, the checks at the end. */
import type { Entry } from '../../core/mail/account/entry.ts';
import type { OutboundJob } from '../../core/mail/transfer/job.ts';
import { seededRandom } from '../support/random.ts';
import { checkLog } from './check-log.ts';
import { imapChanges } from './imap-workers.ts';
import { Ledger } from './ledger.ts';
import { mailboxChanges } from './mailbox-worker.ts';
import { checkThroughImap, type Seen } from './observe.ts';
import { IdleWatcher, type Observer, ReturningWatcher } from './observers.ts';
import { type Explained, type OutboundCheck, OutboundLedger } from './outbound-ledger.ts';
import { UidlCheck } from './pop3-check.ts';
import { popDeletes } from './pop3-worker.ts';
import { type ChaosSink, startChaosSink } from './sink.ts';
import { deliver, deliverToFull, submit } from './smtp-workers.ts';
import { accounts, alice, bob, carol, type Job, type Ports } from './worker.ts';
import type { World } from './world.ts';

export const password = 'correct horse battery';

export interface Scene {
  readonly name: string;
  readonly random: () => number;
  readonly ledger: Ledger;
  readonly outbound: OutboundLedger;
  readonly uidls: UidlCheck;
  readonly sink: ChaosSink;
  readonly newToken: () => string;
  readonly say: (line: string) => void;
}

/** What one run came to. `checks`: invariants held against what was seen, each time they were. */
export interface Outcome {
  readonly name: string;
  readonly rounds: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly checks: number;
  readonly failures: readonly string[];
}

export async function openScene(name: string, seed: number, say: (line: string) => void): Promise<Scene> {
  const random = seededRandom(seed);
  let tokens = 0;
  const ledger = new Ledger();
  return {
    name,
    random,
    say,
    ledger,
    uidls: new UidlCheck(ledger),
    outbound: new OutboundLedger(),
    sink: await startChaosSink(seededRandom(seed + 1)),
    newToken: () => `${name}${seed}-${(++tokens).toString(36)}`,
  };
}

/** The mixed load. `portsFor` tells the n-th worker whom to talk to. Ends, all answers in, when `running` says no. */
export async function load(
  { ledger, outbound, random, newToken }: Scene,
  portsFor: (worker: number) => Ports,
  running: () => boolean,
): Promise<void> {
  const job = (worker: number): Job => ({
    ports: () => portsFor(worker),
    ...{ running, ledger, outbound, random, newToken, password },
  });
  await Promise.all([
    deliver(job(0)),
    deliver(job(1)),
    deliverToFull(job(0)),
    submit(job(0), alice),
    submit(job(1), alice),
    imapChanges(job(0), alice),
    imapChanges(job(1), alice),
    imapChanges(job(1), bob),
    imapChanges(job(0), carol),
    mailboxChanges(job(0), alice),
    mailboxChanges(job(1), bob),
    mailboxChanges(job(1), carol),
    popDeletes(job(0), bob),
    popDeletes(job(1), alice),
  ]);
}

/** Clients that only look on, from now to `stop`. `portsFor` as in `load`. */
export function startWatchers(
  { ledger, random }: Scene,
  portsFor: (worker: number) => Ports,
): readonly Observer[] {
  const at = (worker: number, account: string, mailbox: string) => ({
    ports: () => portsFor(worker),
    ...{ ledger, account, mailbox, password, random },
  });
  return [
    new IdleWatcher(at(0, alice, 'INBOX')),
    new IdleWatcher(at(1, bob, 'INBOX')),
    new ReturningWatcher(at(0, bob, 'INBOX')),
    new ReturningWatcher(at(1, alice, 'Archive')),
  ];
}

/** Invariants that one look through IMAP, at a log, at the queue and the reports holds (docs/testing.md names them). */
export const checksPerLook = 13;
const checksPerLog = 5;
const checksOutbound = 6;

/** Every account through IMAP and POP3, then the clients that looked on. */
export async function look(
  { ledger, uidls, outbound }: Scene,
  { imap, pop3 }: Ports,
  whole: boolean,
  watchers: readonly Observer[] = [],
): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  for (const account of accounts) {
    const seen = await checkThroughImap(ledger, account, { port: imap, password, whole });
    await uidls.check(account, seen.inbox, pop3, password);
    all.push(seen);
  }
  outbound.decideNotices();
  await Promise.all(watchers.map((watcher) => watcher.settle(imap)));
  return all;
}

export interface FinalCheck {
  readonly outbound: OutboundCheck;
  readonly entries: number;
  readonly snapshots: number;
  /** Messages that the reaper has claimed in the end. */
  readonly reaped: number;
  readonly messages: number;
  readonly checks: number;
  readonly failures: readonly string[];
}

/** When nothing fails any more: the outbound mail ends, then everything is held against everything. */
export async function finalCheck(scene: Scene, world: World, explained: Explained): Promise<FinalCheck> {
  const { ledger, sink, outbound } = scene;
  sink.calm();
  await world.quiet();
  const failures: string[] = [];
  const startMs = performance.now();
  const jobs = await world.drain();
  scene.say(
    `${scene.name}: outbound mail has ended after ${Math.round((performance.now() - startMs) / 1000)} s`,
  );
  const task = await world.startTask();
  const seen = await look(scene, task.ports, true);
  await task.stop();
  const bounced = seen.flatMap(({ failed }) => failed);
  const outboundCheck = outbound.check(sink.taken, bounced, explained);
  const addressees = new Set(jobs.flatMap(({ recipients }) => recipients.map(({ address }) => address)));
  failures.push(...outboundCheck.broken.map((what) => withJob(what, jobs)));
  failures.push(...outbound.checkNotices(sink.taken, addressees));
  for (const job of jobs)
    if (job.recipients.some(({ state }) => state === 'pending'))
      failures.push(`job ${job.jobId} has ended early`);
  const logs = await checkLogs(world, seen);
  failures.push(...logs.broken);
  const later = await afterReaping(scene, world);
  failures.push(...later.broken);
  for (const problem of world.problems)
    if (/AssertionError|ERR_ASSERTION|^BUG/.test(problem)) failures.push(`a bug was reported: ${problem}`);
  const messages = seen.reduce((sum, one) => sum + one.messages, 0);
  const described = ledger.broken.map(({ what, instance }) =>
    instance
      ? `${what}\n  ${[...instance.history, ...entriesAbout(logs.entries, instance.seen?.uid)].join('\n  ')}`
      : what,
  );
  failures.unshift(...described);
  return {
    outbound: outboundCheck,
    entries: logs.entries.length,
    snapshots: logs.snapshots,
    reaped: later.reaped,
    messages,
    checks: (reapDays.length + 1) * (checksPerLook + checksPerLog) * accounts.length + checksOutbound,
    failures,
  };
}

/** The job of the recipient that is named, as a help to whoever looks for the fault. */
function withJob(what: string, jobs: readonly OutboundJob[]): string {
  const job = jobs.find(({ recipients }) => recipients.some(({ address }) => what.includes(address)));
  return job === undefined ? `${what}\n  it has no job` : `${what}\n  ${JSON.stringify(job)}`;
}

/** Days on which the reaper comes: when orphans are due, and when what was expunged is. */
const reapDays = [3, 40];
const dayMs = 86_400_000;

/** Nothing that is promised may go with what is thrown away. */
async function afterReaping(scene: Scene, world: World) {
  const broken: string[] = [];
  let reaped = 0;
  for (const day of reapDays) {
    world.moveClock(day * dayMs);
    await world.stores.cloud.tickNow();
    const task = await world.startTask();
    const seen = await look(scene, task.ports, true);
    await task.stop();
    const logs = await checkLogs(world, seen);
    broken.push(...logs.broken.map((one) => `after ${day} days: ${one}`));
    reaped = logs.entries.reduce((sum, one) => sum + (one.kind === 'reaped' ? one.messageIds.length : 0), 0);
  }
  return { broken, reaped };
}

async function checkLogs(world: World, seen: readonly Seen[]) {
  const all = { entries: [] as readonly Entry[], snapshots: 0, broken: [] as string[] };
  for (const [at, key] of (await accountsInOrder(world)).entries()) {
    const checked = await checkLog(world.stores, key, seen[at] ?? { messages: 0, bytes: 0 });
    all.broken.push(...checked.broken);
    all.entries = all.entries.concat(checked.entries);
    all.snapshots += checked.snapshots;
  }
  return all;
}

/** In the order of `accounts`: their ids are random, the notes of who they are lie in the directory. */
async function accountsInOrder(world: World) {
  const keys = await world.accounts();
  const routes = await world.stores.directoryStore.routes([...accounts], true);
  return accounts.map((address) => {
    const route = routes.get(address);
    const key = keys.find(({ account }) => route?.kind === 'account' && route.account === account);
    if (key === undefined) throw new Error(`${address} has no account`);
    return key;
  });
}

const shownEntries = 12;

/** The last entries of the log that name the UID, as a help to whoever looks for the fault. */
function entriesAbout(entries: readonly Entry[], uid: number | undefined): readonly string[] {
  if (uid === undefined) return [];
  const names = new RegExp(`\\b${uid}\\b`);
  return entries
    .filter((entry) => 'uids' in entry || entry.kind === 'expunged' || entry.kind === 'flagged')
    .map((entry) => JSON.stringify(entry))
    .filter((text) => names.test(text.replace(/"(messageIds|sizesBytes|entryId|atMs|totals)":[^\]}]*/g, '')))
    .slice(-shownEntries);
}
