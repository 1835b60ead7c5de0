/**
 * Dollars and requests per million operations, from the embedded AWS's meter, while it answers as
 * slowly as AWS (Lambda is billed by time). Run: `npm run cost`; with `--write` the tables go into
 * docs/cost.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billLines } from './bill-lines.ts';
import { type Cost, costOf } from './cost-of.ts';
import { floorLines } from './floor.ts';
import { leastUsd } from './least.ts';
import { dayOfAnAccount, monthOf } from './month.ts';
import { idleHour, type Operation, operations } from './operations.ts';
import { slowDown } from './slow-aws.ts';
import { markdownTable, usd } from './table.ts';
import { measured, World } from './world.ts';

const million = 1_000_000;
const natUsdPerGb = 0.045;
const rounds = 7;
const sizes = [5_000, 75_000, 5_000_000];
/** Those whose cost depends on how large the message is; the others are measured once. */
const bySize =
  /^(receive, 1 recipient(, IMAP session in IDLE)?$|receive, 10|send|FETCH BODY\[\]|APPEND|POP3 session that reads)/;
const document = join(import.meta.dirname, '..', '..', 'docs', 'cost.md');
const [begin, end] = ['<!-- npm run cost -- --write -->', '<!-- end -->'];

const costs = await allCosts();
const generated = [await requestTable(), dollarTable(), floorTable(), monthTable()].join('\n\n');
console.log(generated);
if (process.argv.includes('--write')) write(generated);

async function requestTable(): Promise<string> {
  const world = await World.open({ messageBytes: 5_000 });
  try {
    const rows: string[][] = [];
    for (const operation of operations) {
      const lines = billLines((await measured(world, operation)).bill);
      rows.push([operation.name, lines.length === 0 ? 'nothing' : lines.join('; ')]);
    }
    const title = 'Requests, 5 KB messages, accounts with a quota (`test/cost/requests.test.ts` holds them):';
    return `${title}\n\n${markdownTable(['operation', 'requests'], rows).replace('---:', '---')}`;
  } finally {
    await world.close();
  }
}

async function allCosts(): Promise<readonly Cost[]> {
  const found: Cost[] = [];
  for (const [at, sizeBytes] of sizes.entries()) {
    const world = await World.open({ messageBytes: sizeBytes, slow: slowDown });
    try {
      const all: readonly Operation[] = at === 0 ? [...operations, idleHour] : operations;
      for (const operation of all) {
        if (at > 0 && !bySize.test(operation.name)) continue;
        const isSlow = operation === idleHour || operation.name.includes('snapshot');
        found.push(await costOf(world, operation, sizeBytes, isSlow ? 1 : rounds));
      }
    } finally {
      await world.close();
    }
  }
  return found;
}

function dollarTable(): string {
  const names = [...new Set(costs.map(({ name }) => name))];
  const rows = names.flatMap((name) => costs.filter((cost) => cost.name === name)).map(dollarRow);
  const head = [
    'operation',
    'size',
    'S3 put',
    'S3 get',
    'WRU',
    'RRU',
    'SQS',
    'Lambda',
    'of it Lambda time, $',
    '$ per million',
    'least',
    'ratio',
    'NAT, $',
  ];
  return `Dollars per million, requests and Lambda time (mean of ${rounds} runs, AWS-like latencies):\n\n${markdownTable(head, rows)}`;
}

function dollarRow(cost: Cost): readonly string[] {
  const least = leastUsd(cost.name);
  return [
    cost.name,
    bySize.test(cost.name) ? sizeName(cost.sizeBytes) : '',
    ...[cost.puts, cost.gets, cost.writeUnits, cost.readUnits, cost.sqs, cost.lambda].map(count),
    usd(cost.lambdaUsd * million),
    usd(cost.usd * million),
    least === undefined ? '' : usd(least),
    least === undefined ? '' : ((cost.usd * million) / least).toFixed(2),
    cost.invokedBytes === 0 ? '' : usd((cost.invokedBytes / 1e9) * natUsdPerGb * million),
  ];
}

function floorTable(): string {
  const lines = floorLines();
  const sum = lines.reduce((total, { usdPerMonth }) => total + usdPerMonth, 0);
  const small = floorLines(1, 1).reduce((total, { usdPerMonth }) => total + usdPerMonth, 0);
  const rows = lines.map(({ what, usdPerMonth, mem }) => [what, usd(usdPerMonth), mem ? 'from memory' : '']);
  const table = markdownTable(['what always runs', '$ a month', 'price'], [...rows, ['sum', usd(sum), '']]);
  return `Fixed, as deployed by default:\n\n${table}\n\nWith one task of each server instead of two: ${usd(small)} $ a month.`;
}

function monthTable(): string {
  const rows = [10, 100, 1_000, 10_000].map((accounts) => {
    const { fixedUsd, requestsUsd, trafficUsd, storageUsd, sumUsd, boxUsd } = monthOf(accounts, costs);
    const sums = [fixedUsd, requestsUsd, trafficUsd, storageUsd, sumUsd, sumUsd / accounts, boxUsd];
    return [String(accounts), ...sums.map(usd)];
  });
  const head = [
    'accounts',
    'fixed',
    'requests',
    'traffic',
    'storage',
    'sum, $ a month',
    '$ an account',
    'one EC2 box',
  ];
  const day = Object.entries(dayOfAnAccount).map(([name, times]) => `${times} x ${name}`);
  return `A month, messages of 75 KB; in a day an account does: ${day.join('; ')}.\n\n${markdownTable(head, rows)}`;
}

function write(tables: string): void {
  const text = readFileSync(document, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no generated section`);
  const day = new Date().toISOString().slice(0, 10);
  const made = `${begin}\nMeasured on ${day}.\n\n${tables}\n`;
  writeFileSync(document, text.slice(0, from) + made + text.slice(to));
}

function count(amount: number): string {
  return amount === 0 ? '' : String(Math.round(amount * 10) / 10);
}

function sizeName(octets: number): string {
  return octets >= million ? `${octets / million} MB` : `${octets / 1000} KB`;
}
