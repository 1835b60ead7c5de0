/**
 * Loaded into Postfold before its own code: on SIGUSR2 it collects garbage and then says `collected`.
 * V8 lets tens of megabytes lie until it needs the room, which would be taken for what connections weigh.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

/** What a collection lets go of may free more for the next one; pages go back to the system a little later. */
const rounds = 3;
const pauseMs = 300;

async function collect(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    globalThis.gc?.();
    await sleep(pauseMs);
  }
  process.stdout.write('collected\n');
}

if (isMainThread) process.on('SIGUSR2', () => void collect());
