import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from './measure.ts';
import { type Result, resultTable, rowsOf } from './report.ts';
import type { Scenario, Target } from './scenarios/scenario.ts';

function sample(perSecond: number, cpuMs: number): Sample {
  return { operations: 1, perSecond, cpuMs, p50Ms: 2, p95Ms: 3, p99Ms: 4, driverBusy: 0.1 };
}

function scenarioOf(targets: readonly Target[], more: Partial<Scenario> = {}): Scenario {
  return { name: 'STORE', runsOn: () => true, run: async () => sample(1, 1), targets, ...more };
}

const both = scenarioOf([
  { peer: 'dovecot', atLeast: 0.5 },
  { peer: 'cyrus', atLeast: 5 },
]);

/** The cells of the column `wanted`, without those that are empty. */
function wanted(results: readonly Result[]): readonly string[] {
  const lines = resultTable(rowsOf(results))
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return lines.filter((cells) => cells[10] !== '').map((cells) => `${cells[2]} ${cells[10]}`);
}

test('Postfold is compared with each peer by itself, in the row of the peer', () => {
  const results = [
    { scenario: both, server: 'postfold', samples: [sample(100, 2)] },
    { scenario: both, server: 'dovecot', samples: [sample(125, 1.6)] },
    { scenario: both, server: 'cyrus', samples: [sample(10, 9)] },
    { scenario: both, server: 'haraka', samples: [sample(50, 1)] },
  ];
  assert.deepEqual(
    rowsOf(results).map(({ against }) => against),
    [
      undefined,
      { rate: 0.8, cpu: 0.8, atLeast: 0.5 },
      { rate: 10, cpu: 4.5, atLeast: 5 },
      { rate: 2, cpu: 0.5 },
    ],
  );
  assert.deepEqual(wanted(results), ['dovecot 0.5: met', 'cyrus 5: rate only']);
});

test('the ratio is the median over the turns, each turn by itself', () => {
  const samples = (...rates: readonly number[]) => rates.map((rate) => sample(rate, 1));
  const [, row] = rowsOf([
    { scenario: both, server: 'postfold', samples: samples(10, 40, 90) },
    { scenario: both, server: 'dovecot', samples: samples(10, 10, 30) },
  ]);
  assert.equal(row?.against?.rate, 3);
});

test('a peer that did not run leaves its target open', () => {
  const results = [
    { scenario: both, server: 'postfold', samples: [sample(10, 1)] },
    { scenario: both, server: 'dovecot', samples: [sample(30, 1)] },
    { scenario: both, server: 'cyrus', samples: [], failure: 'gone' },
  ];
  assert.deepEqual(wanted(results), ['postfold 5 of cyrus: ?', 'dovecot 0.5: CPU only']);
});

test('nothing is said of ratios where Postfold failed', () => {
  const rows = rowsOf([
    { scenario: both, server: 'postfold', samples: [], failure: 'lost' },
    { scenario: both, server: 'dovecot', samples: [sample(30, 1)] },
  ]);
  assert.deepEqual(
    rows.map(({ against }) => against),
    [undefined, undefined],
  );
});

test('a latency that is wanted stands in the row of Postfold', () => {
  const idle = scenarioOf([], { withinMs: 5 });
  const results = ['postfold', 'dovecot'].map((server) => ({
    scenario: idle,
    server,
    samples: [sample(10, 1)],
  }));
  assert.deepEqual(wanted(results), ['postfold 5 ms: met']);
});
