/**
 * The benchmark: starts Postfold and the peers that are installed, gives them the same mail, runs
 * the scenarios in turn (A B A B) and prints what came out. `npm run bench -- --help`.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { growth } from './growth.ts';
import { MailMaker } from './mail.ts';
import type { Sample } from './measure.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { jsonOf, pageOf, type Report, textOf } from './page.ts';
import { Progress } from './progress.ts';
import { ours, type Result, rowsOf, type Weight } from './report.ts';
import { chosenScenarios, fillFor } from './scenarios/all.ts';
import { IdleCrowd } from './scenarios/idle.ts';
import { type Scenario, speaksImap } from './scenarios/scenario.ts';
import { startServers } from './servers/all.ts';
import type { Server } from './servers/server.ts';

const seed = 7;

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const scenarios = chosenScenarios(options);
  if (options.help) return void process.stdout.write(usage);
  if (options.list) return void process.stdout.write(scenarios.map(({ name }) => `${name}\n`).join(''));
  if (scenarios.length === 0 && !weighs(options))
    throw new RangeError('no scenario has such a name; --list shows them');
  const folder = mkdtempSync(join(tmpdir(), 'postfold-bench-'));
  chmodSync(folder, 0o755); // peers work as users of their own
  process.on('exit', () => {
    if (options.keep) process.stderr.write(`left: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  });
  await bench(options, scenarios, folder, args);
}

async function bench(
  options: BenchOptions,
  scenarios: readonly Scenario[],
  folder: string,
  args: readonly string[],
): Promise<void> {
  const progress = new Progress();
  const mail = new MailMaker(seed);
  const { servers, missing, stop } = await startServers(folder, options, progress);
  let report: Report;
  try {
    // First, since memory that the scenarios took and freed would hide what connections take.
    const weights = await weigh(servers, options, progress);
    await Promise.all(servers.map((server) => fillFor(server, scenarios, mail, options.distinct, progress)));
    const results = await runAll(servers, scenarios, options, mail, progress);
    report = { rows: rowsOf(results), weights, grown: [], servers, missing };
  } finally {
    await stop();
  }
  if (options.growth.length > 0) {
    report = { ...report, grown: await growth(folder, options.growth, mail, progress) };
  }
  progress.clear();
  process.stdout.write(options.json ? jsonOf(report) : `${textOf(report)}\n`);
  for (const { scenario, server, failure } of report.rows) {
    if (failure !== undefined) process.stderr.write(`${scenario}, ${server}: ${failure}\n`);
  }
  if (options.page !== undefined) writeFileSync(options.page, pageOf(report, args, options));
}

/** What a connection that only waits may take. */
const weightLimit = { plain: 15 * 1024, tls: 70 * 1024 };

function weighs({ only }: BenchOptions): boolean {
  return only.length === 0 || only.some((text) => 'idle connection'.includes(text.toLowerCase()));
}

async function weigh(
  servers: readonly Server[],
  options: BenchOptions,
  progress: Progress,
): Promise<readonly Weight[]> {
  if (!weighs(options)) return [];
  const weights: Weight[] = [];
  for (const server of servers.filter(speaksImap)) {
    const mine = server.name === ours;
    if (options.quick && !mine) continue;
    const connections = mine ? (options.quick ? 500 : 1000) : 80;
    const crowd = new IdleCrowd(server);
    try {
      for (const tls of server.imaps === undefined ? [false] : [false, true]) {
        progress.show(`memory of idle connections${tls ? ' with TLS' : ''}: ${server.name}`);
        const bytes = await crowd.weigh(connections, tls);
        const atMost = tls ? weightLimit.tls : weightLimit.plain;
        weights.push({ server: server.name, tls, connections, bytes, ...(mine ? { atMost } : {}) });
      }
    } finally {
      crowd.drop();
    }
  }
  return weights;
}

async function runAll(
  servers: readonly Server[],
  scenarios: readonly Scenario[],
  { rounds, seconds }: BenchOptions,
  mail: MailMaker,
  progress: Progress,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    const taking = servers.filter(scenario.runsOn);
    const samples = new Map<string, Sample[]>(taking.map(({ name }) => [name, []]));
    const failures = new Map<string, string>();
    // Turn 0 warms up and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      for (const server of taking) {
        if (failures.has(server.name)) continue;
        progress.show(
          `${index + 1}/${scenarios.length} ${scenario.name}: ${server.name}, turn ${round}/${rounds}`,
        );
        try {
          const sample = await scenario.run(server, { mail, seconds: round === 0 ? seconds / 2 : seconds });
          if (round > 0) samples.get(server.name)?.push(sample);
        } catch (error) {
          failures.set(server.name, error instanceof Error ? error.message : String(error));
        }
      }
    }
    for (const { name } of taking) {
      const failure = failures.get(name);
      const kept = failure === undefined ? (samples.get(name) ?? []) : [];
      results.push({ scenario, server: name, samples: kept, ...(failure === undefined ? {} : { failure }) });
    }
  }
  return results;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
