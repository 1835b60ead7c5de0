/** The page that a run leaves in the documentation: what was measured, with what, and what came out. */
import { cpus, totalmem } from 'node:os';
import { type Row, resultTable } from './report.ts';
import type { Missing, Server } from './servers/server.ts';

export function pageOf(
  rows: readonly Row[],
  servers: readonly Server[],
  missing: readonly Missing[],
  args: readonly string[],
): string {
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
    '',
    resultTable(rows),
    '',
  ].join('\n');
}

const explanation = [
  'All servers ran on the same machine on loopback and took turns (A B A B), each as durable as it ships: a',
  'reply means that the mail is on disk. Figures are medians of the turns. Only ratios carry over to other machines.',
  '',
  '- *rate x*: operations per second of Postfold, divided by those of the peer; the median of the ratios of each turn.',
  '- *CPU x*: server CPU of the peer, divided by that of Postfold. Above 1, Postfold needs less.',
  '- *wanted*: the rate that we want to reach at least, and whether it is.',
  '- *CPU s/1000*: CPU seconds of all processes of the server per 1,000 operations, until it rests.',
  '- *driver*: how busy the load generator was. Near 100 % it is itself what limits the rate; then look at the CPU.',
];
