/** The fuzzer finds what is planted, and makes it small. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSequenceSet } from '../../core/mail/uid-set.ts';
import { attempt } from './attempt.ts';
import { Coverage } from './coverage.ts';
import { type Finding, Fuzzer } from './fuzzer.ts';
import type { Target } from './target.ts';

function planted(run: Target['run']): Target {
  return { name: 'planted', words: ['x', 'yz', '1:2'], generate: () => Buffer.from('some text'), run };
}

function fuzzed(target: Target): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const fuzzer = new Fuzzer(target, {
    seed: 1,
    untilMs: performance.now() + 300,
    seeds: [Buffer.from('a seed')],
    large: false,
    onFinding: (finding) => found.push(finding),
  });
  return fuzzer.run().then(() => found);
}

test('an error is found once and its input made small', async () => {
  const target = planted((input) => {
    if (input.includes('yz')) throw new TypeError(`planted`);
  });
  const found = await fuzzed(target);
  assert.deepEqual(
    found.map(({ octets }) => octets.toString()),
    ['yz'],
  );
  assert.match(found[0]?.trouble ?? '', /^TypeError: planted .*fuzzer\.test\.ts/);
});

test('more than a second and more than 64 MB are findings', async () => {
  const slow = planted(() => {
    const untilMs = process.threadCpuUsage().user / 1000 + 1100;
    while (process.threadCpuUsage().user / 1000 < untilMs);
  });
  assert.equal(await attempt(slow, Buffer.alloc(0)), 'took more than a second');
  const kept: Buffer[] = [];
  const greedy = planted(() => void kept.push(Buffer.alloc(70 * 1024 * 1024, 'x')));
  assert.equal(await attempt(greedy, Buffer.alloc(0)), 'took more than 64 MB');
});

test('coverage knows what is new', (t) => {
  const coverage = new Coverage();
  t.after(() => coverage.close());
  coverage.start();
  parseSequenceSet('1');
  assert.equal(coverage.broughtNews(), true);
  parseSequenceSet('1');
  assert.equal(coverage.broughtNews(), false);
  parseSequenceSet('1:*');
  assert.equal(coverage.isNews(), true);
});
