/**
 * The real command in a process of its own: kill -9 at drawn moments, now and then SIGTERM, started again on the same
 * data folder, and asked again and again whether every promise holds. In the end this process takes the folder over.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Postfold, type StartSettings, startPostfold } from '../support/postfold.ts';
import { openBystanders } from './bystanders.ts';
import { figuresOf, type RunSettings } from './inside.ts';
import type { Ledger } from './ledger.ts';
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
import { accounts, alice, type Ports } from './worker.ts';
import { openWorld, retries } from './world.ts';

/** Between an outcome and the note of it lie milliseconds; a busy machine makes them more. */
const noteTakesMs = 3_000;
const startAttempts = 3;
const warmUpTurns = 200;
const warmUpPromises = 3;
/** Most kills come soon after the one before; every fourth start everything is looked at. */
const lookEvery = 4;
const longestLifeMs = 1_000;
const stopChance = 0.15;
/** Some starts are killed on their way, while what the one before has left is read. */
const killedStartChance = 0.3;
const longestStartMs = 2_500;
/** Runs longer than this begin with a start that ends by itself and leaves what it compiled: later ones take half the work. */
const warmUpFromMs = 30_000;

export async function runKilled({ seed, durationMs, say }: RunSettings): Promise<Outcome> {
  const scene = await openScene('killed', seed, say);
  const { random, ledger, sink } = scene;
  const folder = mkdtempSync(join(tmpdir(), 'postfold-chaos-'));
  const [dataDir, compiled] = [join(folder, 'data'), join(folder, 'compiled')];
  const settings = { options: optionsFor(sink.port), env: { NODE_COMPILE_CACHE: compiled } };
  const startAgain = () => start(dataDir, settings);
  const counts = { killedStarts: 0, stopped: 0, toldGoodbye: 0, looks: 0 };
  const killsMs: number[] = [];
  let ports: Ports = { smtp: 0, submission: 0, imap: 0, pop3: 0 };
  try {
    await (await openWorld({ dataDir, sinkPort: sink.port, password, random })).close();
    const endMs = Date.now() + durationMs;
    const watchers = startWatchers(scene, () => ports);
    if (durationMs > warmUpFromMs) await (await startAgain()).stop();
    for (let starts = 0; Date.now() < endMs || killsMs.length === 0; starts++) {
      if (random() < killedStartChance) {
        await killStart(dataDir, settings, random() * longestStartMs);
        killsMs.push(Date.now());
        counts.killedStarts++;
      }
      const postfold = await startAgain();
      ports = postfold.ports;
      if (starts % lookEvery === 0) {
        // Every second time in a process that has worked already: clients that look on have something to lose there.
        if (starts % (2 * lookEvery) === 0)
          await loadDuring(scene, postfold, () => delay(random() * 2 * longestLifeMs));
        const seen = await look(scene, ports, false, watchers);
        counts.looks++;
        const messages = seen.reduce((sum, one) => sum + one.messages, 0);
        say(
          `killed ${killsMs.length} times: ${messages} messages, ${sink.taken.length} relayed, ` +
            `${ledger.broken.length} broken`,
        );
      }
      if (ledger.broken.length > 0) {
        await postfold.kill();
        break;
      }
      const told = await loadAndEnd(scene, postfold);
      if (told === undefined) killsMs.push(Date.now());
      else counts.stopped++;
      counts.toldGoodbye += told ?? 0;
    }
    for (const watcher of watchers) watcher.stop();
    await Promise.all(watchers.map(({ watching }) => watching));
    const world = await openWorld({ dataDir, sinkPort: sink.port, password, random });
    // A notification tells its time in whole seconds.
    const explained = (_: string, timesMs: readonly number[]) =>
      timesMs
        .slice(0, -1)
        .every((firstMs) => killsMs.some((atMs) => atMs >= firstMs - 1 && atMs - firstMs < noteTakesMs));
    const final = await finalCheck(scene, world, explained);
    await world.close();
    return {
      name: 'a process of its own, kill -9',
      rounds: counts.looks,
      figures: {
        'processes killed': killsMs.length,
        'of them while they started': counts.killedStarts,
        'processes stopped': counts.stopped,
        'sessions told goodbye': counts.toldGoodbye,
        ...figuresOf(scene, final),
      },
      checks: counts.looks * checksPerLook * accounts.length + final.checks,
      failures: final.failures,
    };
  } finally {
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On other ports when it fails: somebody else may have taken them. What fails every time is the folder. */
async function start(dataDir: string, settings: StartSettings): Promise<Postfold> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostfold({ ...settings, dataDir });
    } catch (error) {
      if (attempt === startAttempts) throw new Error('it does not start after a kill', { cause: error });
    }
  }
}

async function killStart(dataDir: string, settings: StartSettings, killAfterMs: number): Promise<void> {
  const started = await startPostfold({ ...settings, dataDir, killAfterMs }).catch(() => undefined);
  await started?.kill();
}

function optionsFor(sinkPort: number): readonly string[] {
  const { retryMs, expireMs } = retries;
  return [
    ...['--route', `*=127.0.0.1:${sinkPort}`, '--insecure-auth', '--expire', `${expireMs / 1000}s`],
    ...['--retry', retryMs.map((ms) => `${ms / 1000}s`).join(',')],
  ];
}

/** Gives the sessions that were told goodbye when it was stopped; undefined when it was killed. */
function loadAndEnd(scene: Scene, postfold: Postfold): Promise<number | undefined> {
  const { ledger, random } = scene;
  return loadDuring(scene, postfold, async () => {
    // On a busy machine the logins alone take seconds: a kill before anything was promised proves little.
    const before = ledger.kept;
    for (let turn = 0; turn < warmUpTurns && ledger.kept < before + warmUpPromises; turn++) await delay(25);
    await delay(random() * longestLifeMs);
    if (random() < stopChance) return stopGently(ledger, postfold);
    await postfold.kill();
    return undefined;
  });
}

async function stopGently(ledger: Ledger, postfold: Postfold): Promise<number> {
  const bystanders = await openBystanders(postfold.ports, alice, password);
  const code = await postfold.stop();
  if (code !== 0) ledger.fail(`SIGTERM ended the process with ${code}`);
  for (const one of await bystanders.untold()) ledger.fail(`the process was stopped: ${one}`);
  return bystanders.count;
}

async function loadDuring<Value>(
  scene: Scene,
  { ports }: Postfold,
  work: () => Promise<Value>,
): Promise<Value> {
  let running = true;
  const working = load(
    scene,
    () => ports,
    () => running,
  );
  const value = await work();
  running = false;
  await working;
  return value;
}
