/** Every seed again, and a moment of new input for each target. The long runs are `npm run fuzz`. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { attempt } from './attempt.ts';
import { type Finding, Fuzzer } from './fuzzer.ts';
import { seedsOf } from './seeds.ts';
import { targets } from './targets/all.ts';

const seed = Number(process.env.POSTFOLD_TEST_SEED ?? Date.now() % 1_000_000);
const momentMs = 200;

for (const target of targets) {
  const seeds = seedsOf(target.name);
  after(() => target.close?.());

  test(`${target.name}: ${seeds.length} seeds`, async () => {
    for (const { name, octets } of seeds) assert.equal(await attempt(target, octets), undefined, name);
  });

  test(`${target.name}: new input (POSTFOLD_TEST_SEED=${seed})`, async () => {
    const found: Finding[] = [];
    const fuzzer = new Fuzzer(target, {
      seed,
      untilMs: performance.now() + momentMs,
      large: false,
      seeds: seeds.map(({ octets }) => octets),
      onFinding: (finding) => found.push(finding),
    });
    await fuzzer.run();
    const first = found[0];
    const input = JSON.stringify(first?.octets.subarray(0, 2000).toString('latin1'));
    assert.equal(first, undefined, `${first?.trouble} by ${input}`);
    assert.ok(fuzzer.runs > 0);
  });
}
