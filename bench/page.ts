/** The page that a run leaves in the documentation: what was measured, with what, and what came out. */
import { cpus, totalmem } from 'node:os';
import { type Grown, growthTable } from './growth.ts';
import type { BenchOptions } from './options.ts';
import { type Row, resultTable, type Weight, weightTable } from './report.ts';
import type { Missing, Server } from './servers/server.ts';

export interface Report {
  readonly rows: readonly Row[];
  readonly weights: readonly Weight[];
  readonly grown: readonly Grown[];
  readonly servers: readonly Server[];
  readonly missing: readonly Missing[];
}

export function textOf({ rows, weights, grown }: Report): string {
  return [
    resultTable(rows),
    ...(weights.length > 0 ? ['', weightTable(weights)] : []),
    ...(grown.length > 0 ? ['', growthTable(grown)] : []),
  ].join('\n');
}

/** One JSON object per line; `kind` tells them apart. */
export function jsonOf({ rows, weights, grown }: Report): string {
  const lines = [
    ...rows.map((row) => ({ kind: 'scenario', ...row })),
    ...weights.map((weight) => ({ kind: 'idle-connection', ...weight })),
    ...grown.map((cell) => ({ kind: 'growth', ...cell })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

export function pageOf(
  report: Report,
  args: readonly string[],
  { boxes, distinct }: Pick<BenchOptions, 'boxes' | 'distinct'>,
): string {
  const { rows, weights, grown, servers, missing } = report;
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GB`;
  return [
    '# Performance',
    '',
    `Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}. Machine: ${machine}.`,
    '',
    ...servers.map(({ name, version }) => `- ${name}: ${version}`),
    ...missing.map(({ name, hint }) => `- ${name}: left out, ${hint}`),
    '',
    ...explanation,
    ...(Math.max(...boxes) > distinct ? ['', copiesNote(distinct)] : []),
    '',
    resultTable(rows),
    '',
    ...(weights.length > 0
      ? ['## Idle connections', '', ...weightExplanation, '', weightTable(weights), '']
      : []),
    ...(grown.length > 0
      ? ['## How the cost grows', '', ...growthExplanation, '', growthTable(grown), '']
      : []),
  ].join('\n');
}

/** Copies share what a cache holds of them, which flatters whoever has one. */
function copiesNote(distinct: number): string {
  const count = distinct.toLocaleString('en-US');
  return `Mailboxes of more than ${count} messages hold copies of ${count}, which flatters caches of envelopes and bodies.`;
}

const weightExplanation = [
  'Memory (Pss) that so many more sessions in IDLE take on a server just started, that holds half as many already. Postfold collects its',
  'garbage before: V8 lets tens of megabytes of it lie while there is room, and those are no part of a connection.',
];

const growthExplanation = [
  'One mailbox, copied onto itself; median time of one operation as the client waits, and in parentheses its',
  'requests to S3 and DynamoDB.',
];

const explanation = [
  'All servers ran on the same machine on loopback and took turns (A B A B), each as durable as it ships: a',
  'reply means that the mail is on disk. Figures are medians of the turns; only ratios carry over to other machines.',
  'The mail is made from a seed, and the same everywhere.',
  '',
  '- *rate x*: operations per second of Postfold, divided by those of the peer in this row; the median over the turns.',
  '- *CPU x*: server CPU of the peer, divided by that of Postfold. Above 1, Postfold needs less.',
  '- *wanted*: what both ratios should be at least, or the latency at most, and whether they are. A `?` stands where the peer did not run.',
  '- *CPU s/1000*: CPU seconds of all processes of the server per 1,000 operations, until it rests.',
  '- *driver*: how busy the load generator was. Near 100 % it is itself what limits the rate; then look at the CPU.',
];
