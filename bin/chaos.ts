#!/usr/bin/env node
/**
 * `npm run chaos -- --seed 1 --minutes 1`: a mixed load while everything fails, and a check that no promise was broken
 * (docs/testing.md). Half of the time in one process with a failing AWS, half with real processes that are killed.
 */
import { inspect } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { runInside } from '../test/chaos/inside.ts';
import { runKilled } from '../test/chaos/killed.ts';
import { reportText } from '../test/chaos/report.ts';
import type { Outcome } from '../test/chaos/scene.ts';

const maxMinutes = 24 * 60;

interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly mode: string;
}

const program = new Command('chaos')
  .description('break everything at random for some time, and check every acknowledged promise')
  .option('--seed <n>', 'repeats the choices of a run', positive, Date.now() % 1_000_000)
  .option('--minutes <n>', 'how long', positive, 1)
  .option('--mode <mode>', 'inside (failing AWS), killed (kill -9), or both', 'both')
  .parse();
const { seed, minutes, mode } = program.opts<Options>();
const runs = [...(mode === 'killed' ? [] : [runInside]), ...(mode === 'inside' ? [] : [runKilled])];
const say = (line: string) => process.stdout.write(`${line}\n`);
say(`seed ${seed}, ${minutes} minutes`);
const outcomes: Outcome[] = [];
for (const run of runs) {
  const durationMs = (minutes * 60_000) / runs.length;
  outcomes.push(await run({ seed, durationMs, say }).catch(brokenOff));
}
say(reportText(outcomes, seed));
process.exit(outcomes.some(({ failures }) => failures.length > 0) ? 1 : 0);

/** A run that cannot go on is a failure like a broken promise. */
function brokenOff(error: unknown): Outcome {
  const failures = [inspect(error)];
  return { name: 'broken off', rounds: 0, figures: {}, checks: 1, failures };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= maxMinutes * 1_000_000) return value;
  throw new InvalidArgumentError('it is no positive number');
}
