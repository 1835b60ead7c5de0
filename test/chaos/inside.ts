/**
 * In this process: AWS throttles, fails, loses answers and doubles messages; Lambdas and tasks die at drawn calls.
 * Each round has its own weather; after each the servers are asked whether every promise holds.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openBystanders } from './bystanders.ts';
import { silences } from './line-socket.ts';
import {
  checksPerLook,
  finalCheck,
  load,
  look,
  type Outcome,
  openScene,
  password,
  type Scene,
  startWatchers,
} from './scene.ts';
import { makeWeather } from './weather.ts';
import { accounts, alice } from './worker.ts';
import { everyJob, openWorld, type Task, type World } from './world.ts';

export interface RunSettings {
  readonly seed: number;
  readonly durationMs: number;
  readonly say: (line: string) => void;
}

/** Two tasks share the work; either may die and be replaced. */
const taskCount = 2;

export async function runInside({ seed, durationMs, say }: RunSettings): Promise<Outcome> {
  const scene = await openScene('inside', seed, say);
  const { random, ledger, sink } = scene;
  const world = await openWorld({ dataDir: undefined, sinkPort: sink.port, password, random });
  const tasks: Task[] = [];
  for (let n = 0; n < taskCount; n++) tasks.push(await world.startTask());
  const endMs = Date.now() + durationMs;
  const counts = { rounds: 0, faults: 0, tasksKilled: 0, tasksStopped: 0, toldGoodbye: 0, checks: 0 };
  const portsOf = (worker: number) => (tasks[worker % taskCount] ?? (tasks[0] as Task)).ports;
  const watchers = startWatchers(scene, portsOf);

  while (Date.now() < endMs || counts.rounds === 0) {
    counts.rounds++;
    const clear = makeWeather(world.stores.cloud.faults, random);
    world.killer.chance = random() * 0.15;
    let running = true;
    const working = load(scene, portsOf, () => running);
    const roundMs = Math.min(1500 + random() * 3500, Math.max(1000, endMs - Date.now()));
    await delay(roundMs / 2);
    const drawn = random();
    if (drawn < 0.35) counts.tasksKilled += await killTask(tasks, world, Math.floor(random() * taskCount));
    else if (drawn < 0.55) {
      counts.tasksStopped++;
      counts.toldGoodbye += await stopTask(scene, tasks, world, Math.floor(random() * taskCount));
    }
    await delay(roundMs / 2);
    running = false;
    world.killer.chance = 0;
    const faults = clear();
    counts.faults += faults;
    await working;
    await world.quiet();
    const task = tasks[counts.rounds % taskCount] as Task;
    const seen = await look(scene, task.ports, false, watchers);
    counts.checks += checksPerLook * accounts.length;
    const messages = seen.reduce((sum, one) => sum + one.messages, 0);
    say(
      `inside round ${counts.rounds}: ${faults} faults, ${world.killer.killed} Lambdas killed, ` +
        `${messages} messages, ${sink.taken.length} relayed, ${ledger.broken.length} broken`,
    );
    if (ledger.broken.length > 0) break;
  }
  for (const watcher of watchers) watcher.stop();
  await Promise.all(watchers.map(({ watching }) => watching));
  const hurt = world.killer.hurtJobs;
  const jobs = await world.stores.outbound.list(undefined, everyJob);
  const jobOf = new Map(
    jobs.flatMap(({ jobId, recipients }) => recipients.map(({ address }) => [address, jobId])),
  );
  const final = await finalCheck(scene, world, (recipient) =>
    hurt.some(({ jobId }) => jobId === jobOf.get(recipient)),
  );
  await world.close();
  await sink.close();
  return {
    name: 'in one process, AWS and Lambdas failing',
    rounds: counts.rounds,
    figures: {
      'faults of AWS': counts.faults,
      'Lambdas killed': world.killer.killed,
      'tasks killed': counts.tasksKilled,
      'tasks stopped': counts.tasksStopped,
      'sessions told goodbye': counts.toldGoodbye,
      ...figuresOf(scene, final),
    },
    checks: counts.checks + final.checks,
    failures: final.failures,
  };
}

async function killTask(tasks: Task[], world: World, at: number): Promise<number> {
  const old = tasks[at];
  tasks[at] = await world.startTask();
  await old?.kill();
  return 1;
}

const graceMs = 5_000;

/** As a deployment does it: another one first, then SIGTERM. Gives the sessions that were told goodbye. */
async function stopTask(scene: Scene, tasks: Task[], world: World, at: number): Promise<number> {
  const old = tasks[at] as Task;
  const bystanders = await openBystanders(old.ports, alice, password);
  tasks[at] = await world.startTask();
  await old.stop(graceMs);
  for (const one of await bystanders.untold()) scene.ledger.fail(`a task was stopped: ${one}`);
  return bystanders.count;
}

export function figuresOf(
  { ledger, sink, uidls }: Pick<Scene, 'ledger' | 'sink' | 'uidls'>,
  { outbound, entries, snapshots, reaped, messages }: Awaited<ReturnType<typeof finalCheck>>,
): Readonly<Record<string, number>> {
  const { promises } = ledger;
  return {
    'deliveries promised': promises.deliveries,
    'APPENDs promised': promises.appends,
    'flag changes promised': promises.stores,
    'MOVEs promised': promises.moves,
    'copies promised': promises.copies,
    'mailbox changes promised': promises.mailboxes,
    'RENAMEs of INBOX promised': promises.inboxRenames,
    'subscriptions promised': promises.subscriptions,
    'EXPUNGEs promised': promises.expunges,
    'POP3 deletes promised': promises.popDeletes,
    'remote recipients promised': promises.submissions,
    'refusals that had to be right': promises.refusals,
    'changes without an answer': promises.unanswered,
    'servers silent for a minute': silences.count,
    'refusals by the sink': sink.refusals,
    'recipients delivered': outbound.delivered,
    'recipients bounced': outbound.bounced,
    'of them repeated after a crash': outbound.repeated,
    'expired at a server that takes nothing': outbound.expired,
    'told that one of several had no room': outbound.noticed,
    'UIDs seen': ledger.uidsSeen,
    'UIDLs compared': uidls.seen,
    'log entries folded': entries,
    'snapshots compared': snapshots,
    'messages reaped in the end': reaped,
    'messages left at the end': messages,
  };
}
