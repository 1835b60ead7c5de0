/**
 * The real command in a process of its own: kill -9 at drawn moments, started again on the same data folder, and
 * asked each time whether every promise holds. In the end this process takes the folder over.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Postfold, startPostfold } from '../support/postfold.ts';
import { figuresOf, type RunSettings } from './inside.ts';
import {
  checksPerLook,
  finalCheck,
  load,
  lookThroughImap,
  type Outcome,
  openScene,
  password,
} from './scene.ts';
import { accounts } from './workers.ts';
import { openWorld, retries } from './world.ts';

/** Between an outcome and the note of it lie milliseconds; a busy machine makes them more. */
const noteTakesMs = 3_000;
const startAttempts = 3;
const warmUpTurns = 100;
const warmUpPromises = 5;

export async function runKilled({ seed, durationMs, say }: RunSettings): Promise<Outcome> {
  const scene = await openScene('killed', seed, say);
  const { random, ledger, sink } = scene;
  const dataDir = mkdtempSync(join(tmpdir(), 'postfold-chaos-'));
  const killsMs: number[] = [];
  const endMs = Date.now() + durationMs;
  let checks = 0;
  try {
    while (Date.now() < endMs || killsMs.length === 0) {
      const postfold = await startAgain(dataDir, sink.port);
      const seen = await lookThroughImap(scene, postfold.ports.imap, false);
      checks += checksPerLook * accounts.length;
      const messages = seen.reduce((sum, one) => sum + one.messages, 0);
      say(
        `killed ${killsMs.length} times: ${messages} messages, ${sink.taken.length} relayed, ` +
          `${ledger.broken.length} broken`,
      );
      if (ledger.broken.length === 0) await loadAndKill(scene, postfold);
      else await postfold.kill();
      killsMs.push(Date.now());
      if (ledger.broken.length > 0) break;
    }
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
      rounds: killsMs.length,
      figures: { 'processes killed': killsMs.length, ...figuresOf(scene, final) },
      checks: checks + final.checks,
      failures: final.failures,
    };
  } finally {
    await sink.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** On other ports when it fails: somebody else may have taken them. What fails every time is the folder. */
async function startAgain(dataDir: string, sinkPort: number): Promise<Postfold> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostfold({ dataDir, options: optionsFor(sinkPort) });
    } catch (error) {
      if (attempt === startAttempts) throw new Error('it does not start after a kill', { cause: error });
    }
  }
}

function optionsFor(sinkPort: number): readonly string[] {
  const { retryMs, expireMs } = retries;
  return [
    ...['--route', `*=127.0.0.1:${sinkPort}`, '--insecure-auth', '--expire', `${expireMs / 1000}s`],
    ...['--retry', retryMs.map((ms) => `${ms / 1000}s`).join(',')],
  ];
}

async function loadAndKill(scene: Awaited<ReturnType<typeof openScene>>, postfold: Postfold): Promise<void> {
  let running = true;
  const working = load(
    scene,
    () => postfold.ports,
    () => running,
  );
  // On a busy machine the logins alone take seconds: a kill before anything was promised proves little.
  const before = scene.ledger.kept;
  for (let turn = 0; turn < warmUpTurns && scene.ledger.kept < before + warmUpPromises; turn++)
    await delay(50);
  await delay(scene.random() * 2500);
  await postfold.kill();
  running = false;
  await working;
}
