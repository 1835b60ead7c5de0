/**
 * `npm run load -- --minutes 10 --idle 1000 --deliver 50`: a real `postfold start`, many sessions
 * that idle, an even stream of mail, clients that are too slow, and in the end too many
 * connections. A line per minute, a table, and `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostfold } from '../servers/postfold.ts';
import type { Server } from '../servers/server.ts';
import { openIdlers, startDeliveries } from './crowd.ts';
import { Latencies, type Percentiles } from './latencies.ts';
import { growthOf, type Memory, memoryNow } from './memory.ts';
import { News } from './news.ts';
import { type SoakOptions, soakOptions } from './options.ts';
import { overload, type ProbeResult } from './overload.ts';
import { startSlow } from './slow.ts';

const sampleMs = 5000;
const maxGrowth = 0.15;
/** Until the last news has come to everybody. */
const settleMs = 10_000;

const options = soakOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'postfold-soak-'));
const server = await startPostfold(folder, []);
try {
  const failed = await soak(server, options);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function soak(server: Server, options: SoakOptions): Promise<number> {
  const [exists, delivery] = [new Latencies(), new Latencies()];
  const errors: string[] = [];
  const news = new News(exists);
  const startedMs = performance.now();
  const idlers = await openIdlers(server, options, news);
  console.log(`${idlers.length} sessions idle after ${seconds(startedMs)} s`);
  const endSlow = await startSlow(server, options.slow);
  const deliveries = startDeliveries(server, options, news, delivery, (error) => errors.push(String(error)));
  const samples = await watch(server, options.minutes, exists, delivery, errors);
  await deliveries.stop();
  await sleep(settleMs);
  const probes = await overload(server).catch((error: unknown) => {
    errors.push(`overload: ${String(error)}`);
    return [];
  });
  endSlow();
  row('all', samples.at(-1), delivery.all(), exists.all(), errors.length);
  for (const { what, greeted, refused, other } of probes)
    console.log(`${what}: ${greeted} greeted, ${refused} turned away, ${other} neither`);
  for (const error of errors.slice(0, 5)) console.log(`error: ${error}`);
  for (const idler of idlers) idler.destroy();
  return verdict(samples, deliveries.count, news.behind, errors, probes);
}

async function watch(
  server: Server,
  minutes: number,
  exists: Latencies,
  delivery: Latencies,
  errors: readonly string[],
): Promise<readonly Memory[]> {
  console.log(
    'minute |  RSS MB | anon MB | delivery n p50 p95 p99 max ms | EXISTS n p50 p95 p99 max ms | errors',
  );
  const samples: Memory[] = [];
  const startMs = performance.now();
  for (let minute = 1; performance.now() - startMs < minutes * 60_000; ) {
    await sleep(sampleMs);
    samples.push(memoryNow(server.roots));
    if (performance.now() - startMs < minute * 60_000) continue;
    row(`${minute}`, samples.at(-1), delivery.sinceLast(), exists.sinceLast(), errors.length);
    minute++;
  }
  return samples;
}

function row(
  name: string,
  memory: Memory | undefined,
  delivery: Percentiles,
  exists: Percentiles,
  errors: number,
): void {
  const megabytes = (value: number | undefined) => (value ?? 0).toFixed(0).padStart(7);
  const times = ({ count, p50, p95, p99, most }: Percentiles) =>
    `${count}  ${[p50, p95, p99, most].map((ms) => ms.toFixed(1)).join('  ')}`;
  console.log(
    `${name.padStart(6)} | ${megabytes(memory?.rssMegabytes)} | ${megabytes(memory?.anonymousMegabytes)} | ${times(delivery)} | ${times(exists)} | ${errors}`,
  );
}

function verdict(
  samples: readonly Memory[],
  delivered: number,
  behind: number,
  errors: readonly string[],
  probes: readonly ProbeResult[],
): number {
  const growth = growthOf(samples.map(({ rssMegabytes }) => rssMegabytes));
  const checks: readonly (readonly [string, boolean])[] = [
    [`memory of the last third: ${(growth * 100).toFixed(1)} % above the middle third`, growth < maxGrowth],
    [`${delivered} messages delivered, ${errors.length} errors`, delivered > 0 && errors.length === 0],
    [`${behind} sessions have missed news`, behind === 0],
    [
      'every connection too many was told so',
      probes.length > 0 && probes.every(({ refused }) => refused > 0),
    ],
    ['every connection was greeted or turned away in words', probes.every(({ other }) => other === 0)],
  ];
  for (const [what, good] of checks) console.log(`${good ? 'passed' : 'FAILED'}: ${what}`);
  const failed = checks.filter(([, good]) => !good).length;
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  return failed;
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(0);
}
