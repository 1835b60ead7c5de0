// The account log under many writers, lost answers, stalls, crashes, damaged snapshots and a trimmed
// log: nothing acknowledged is lost, nothing is delivered twice, no UID is used twice, every fold is equal.
// POSTFOLD_MODEL_SEED runs one seed, POSTFOLD_MODEL_MINUTES runs new seeds for so long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runModel } from './run.ts';

const seeds = process.env.POSTFOLD_MODEL_SEED?.split(',').map(Number) ?? [1, 2, 3, 4, 5, 6, 7, 8];
const minutes = Number(process.env.POSTFOLD_MODEL_MINUTES ?? 0);

for (const seed of seeds) {
  test(`seed ${seed}`, async (context) => {
    const { entries, acknowledged, failures, trimmed } = await runModel(seed);
    context.diagnostic(
      `${entries} entries, ${acknowledged} acknowledged, ${failures} failures, ${trimmed} trimmed`,
    );
    assert.ok(entries > 100 && acknowledged > 50 && failures > 0);
  });
}

test('new seeds', { skip: minutes === 0, timeout: (minutes + 1) * 60_000 }, async (context) => {
  const until = Date.now() + minutes * 60_000;
  let runs = 0;
  for (let seed = Date.now() % 1_000_000_000; Date.now() < until; seed++, runs++)
    await runModel(seed).catch((cause: unknown) =>
      assert.fail(new Error(`POSTFOLD_MODEL_SEED=${seed}`, { cause })),
    );
  context.diagnostic(`${runs} runs`);
});
