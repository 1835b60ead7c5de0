/**
 * The benchmark: starts Postfold and the peers that are installed, gives them the same mail, runs
 * the scenarios in turn (A B A B) and prints what came out. `npm run bench -- --help`.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MailMaker } from './mail.ts';
import type { Sample } from './measure.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { pageOf } from './page.ts';
import { Progress } from './progress.ts';
import { type Result, resultTable, rowsOf } from './report.ts';
import { chosenScenarios, fillFor } from './scenarios/all.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { startServers } from './servers/all.ts';
import type { Server } from './servers/server.ts';

const seed = 7;

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const scenarios = chosenScenarios(options);
  if (options.help) return void process.stdout.write(usage);
  if (options.list) return void process.stdout.write(scenarios.map(({ name }) => `${name}\n`).join(''));
  if (scenarios.length === 0) throw new RangeError('no scenario has such a name; --list shows them');
  const folder = mkdtempSync(join(tmpdir(), 'postfold-bench-'));
  chmodSync(folder, 0o755); // peers work as users of their own
  try {
    await bench(options, scenarios, folder, args);
  } finally {
    if (options.keep) process.stderr.write(`left: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
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
  try {
    for (const server of servers) await fillFor(server, scenarios, mail, progress);
    const results = await runAll(servers, scenarios, options, mail, progress);
    progress.clear();
    const rows = rowsOf(results);
    if (options.json) process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else process.stdout.write(`${resultTable(rows)}\n`);
    for (const { scenario, server, failure } of results) {
      if (failure !== undefined) process.stderr.write(`${scenario.name}, ${server}: ${failure}\n`);
    }
    if (options.page !== undefined) {
      mkdirSync(join(options.page, '..'), { recursive: true });
      writeFileSync(options.page, pageOf(rows, servers, missing, args));
    }
  } finally {
    progress.clear();
    await stop();
  }
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
    for (let round = 0; round < rounds; round += 1) {
      for (const server of taking) {
        if (failures.has(server.name)) continue;
        progress.show(
          `${index + 1}/${scenarios.length} ${scenario.name}: ${server.name}, turn ${round + 1}/${rounds}`,
        );
        try {
          samples.get(server.name)?.push(await scenario.run(server, { mail, seconds }));
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
