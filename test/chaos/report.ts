/** The end of a chaos run as text: a table of what happened, the broken promises, and the last line. */
import type { Outcome } from './scene.ts';

const maxShown = 20;

export function reportText(outcomes: readonly Outcome[], seed: number): string {
  const names = [...new Set(outcomes.flatMap(({ figures }) => Object.keys(figures)))];
  const rows = [
    ['', ...outcomes.map(({ name }) => name)],
    ['rounds', ...outcomes.map(({ rounds }) => `${rounds}`)],
    ...names.map((name) => [name, ...outcomes.map(({ figures }) => `${figures[name] ?? '-'}`)]),
    ['checks held', ...outcomes.map(({ checks }) => `${checks}`)],
    ['promises broken', ...outcomes.map(({ failures }) => `${failures.length}`)],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
  const failures = outcomes.flatMap(({ name, failures: all }) =>
    all.map((one) => `FAILED (${name}): ${one}`),
  );
  const more = failures.length > maxShown ? [`... and ${failures.length - maxShown} more`] : [];
  const checks = outcomes.reduce((sum, one) => sum + one.checks, 0);
  const failed = Math.min(failures.length, checks);
  return [
    ...table,
    ...failures.slice(0, maxShown),
    ...more,
    `seed ${seed}`,
    `${checks - failed} passed, ${failed} failed`,
  ].join('\n');
}
