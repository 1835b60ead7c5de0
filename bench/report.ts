/** Results as a table: medians of the rounds, and beside each peer Postfold's figures as multiples of the peer's. */
import type { Sample } from './measure.ts';
import type { Scenario, Target } from './scenarios/scenario.ts';

export interface Result {
  readonly scenario: Scenario;
  readonly server: string;
  /** One per round; none when it failed. */
  readonly samples: readonly Sample[];
  readonly failure?: string;
}

export interface Row {
  readonly scenario: string;
  readonly server: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Server CPU seconds per 1,000 operations. */
  readonly cpuSeconds: number;
  readonly driverBusy: number;
  /** Only of a peer: Postfold's rate by the peer's, and the peer's CPU by Postfold's. Above 1 Postfold is better. */
  readonly against?: {
    readonly rate: number;
    readonly cpu: number;
    /** What both should be at least. */
    readonly atLeast?: number;
  };
  /** Only of Postfold: what p50Ms should be at most. */
  readonly withinMs?: number;
  /** Only of Postfold: what is wanted beside peers that have no row of figures. */
  readonly open?: readonly Target[];
  readonly failure?: string;
}

export const ours = 'postfold';

export function rowsOf(results: readonly Result[]): readonly Row[] {
  return results.map((result) => {
    const { samples, failure, scenario, server } = result;
    const middle = (pick: (sample: Sample) => number) => median(samples.map(pick));
    const row = {
      ...{ scenario: scenario.name, server },
      perSecond: middle((sample) => sample.perSecond),
      p50Ms: middle((sample) => sample.p50Ms),
      p95Ms: middle((sample) => sample.p95Ms),
      p99Ms: middle((sample) => sample.p99Ms),
      cpuSeconds: middle((sample) => sample.cpuMs),
      driverBusy: middle((sample) => sample.driverBusy),
      ...(failure === undefined ? {} : { failure }),
    };
    return { ...row, ...(server === ours ? ownWants(scenario, results) : comparison(result, results)) };
  });
}

/** What is wanted of Postfold and shows in no peer's row. */
function ownWants(scenario: Scenario, results: readonly Result[]): Pick<Row, 'withinMs' | 'open'> {
  const { withinMs, targets = [] } = scenario;
  const ran = (name: string) =>
    results.some((each) => each.scenario === scenario && each.server === name && each.samples.length > 0);
  const open = targets.filter(({ peer }) => !ran(peer));
  return { ...(withinMs === undefined ? {} : { withinMs }), ...(open.length === 0 ? {} : { open }) };
}

/** Each round gives a ratio of its own, since what disturbs the machine disturbs both; of those the median. */
function comparison(theirs: Result, results: readonly Result[]): Pick<Row, 'against'> {
  const { scenario, server } = theirs;
  const mine = results.find((each) => each.scenario === scenario && each.server === ours);
  if (mine === undefined || mine.samples.length === 0 || theirs.samples.length === 0) return {};
  const ratio = (of: (mine: Sample, theirs: Sample) => number) =>
    median(
      theirs.samples.flatMap((sample, round) =>
        mine.samples.slice(round, round + 1).map((own) => of(own, sample)),
      ),
    );
  const atLeast = scenario.targets?.find(({ peer }) => peer === server)?.atLeast;
  return {
    against: {
      rate: ratio((own, sample) => own.perSecond / sample.perSecond),
      cpu: ratio((own, sample) => sample.cpuMs / own.cpuMs),
      ...(atLeast === undefined ? {} : { atLeast }),
    },
  };
}

/** A Markdown table, aligned, so that it reads on a terminal too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 2): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => aligned(cells[column] ?? '', width, column < texts)).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column < texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export function resultTable(rows: readonly Row[]): string {
  const head = [
    'scenario',
    'server',
    'per s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'CPU s/1000',
    'rate x',
    'CPU x',
    'wanted',
    'driver',
  ];
  return table(head, rows.map(cellsOf));
}

function cellsOf(row: Row, index: number, all: readonly Row[]): readonly string[] {
  const scenario = all[index - 1]?.scenario === row.scenario ? '' : row.scenario;
  if (row.failure !== undefined) return [scenario, row.server, 'failed'];
  const { against } = row;
  return [
    ...[scenario, row.server, figure(row.perSecond)],
    ...[figure(row.p50Ms), figure(row.p95Ms), figure(row.p99Ms), figure(row.cpuSeconds)],
    ...(against === undefined ? ['', ''] : [multiple(against.rate), multiple(against.cpu)]),
    ...[wantedOf(row), `${Math.round(row.driverBusy * 100)} %`],
  ];
}

/** What is wanted, and whether rate and CPU, or the latency, are that good. */
function wantedOf({ against, withinMs, p50Ms, open = [] }: Row): string {
  if (withinMs !== undefined) return `${withinMs} ms: ${p50Ms <= withinMs ? 'met' : 'missed'}`;
  if (against?.atLeast === undefined)
    return open.map(({ peer, atLeast }) => `${atLeast} of ${peer}: ?`).join(', ');
  const { rate, cpu, atLeast } = against;
  const met = [...(rate >= atLeast ? ['rate'] : []), ...(cpu >= atLeast ? ['CPU'] : [])];
  return `${atLeast}: ${met.length === 2 ? 'met' : met.length === 1 ? `${met[0]} only` : 'missed'}`;
}

/** A short run may have used less CPU than the system counts. */
function multiple(value: number): string {
  return value > 0 && Number.isFinite(value) ? value.toFixed(2) : '-';
}

export interface Weight {
  readonly server: string;
  readonly tls: boolean;
  readonly connections: number;
  readonly bytes: number;
  /** What a connection of Postfold should stay under. */
  readonly atMost?: number;
}

export function weightTable(weights: readonly Weight[]): string {
  const rows = weights.map(({ server, tls, connections, bytes, atMost }) => [
    `idle connection, ${tls ? 'TLS' : 'plain'}`,
    server,
    String(connections),
    figure(bytes / 1024),
    atMost === undefined ? '' : `${atMost / 1024} ${bytes <= atMost ? 'met' : 'missed'}`,
  ]);
  return table(['memory', 'server', 'connections', 'KB each', 'wanted'], rows);
}

/** Three digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.floor(index)] ?? Number.NaN;
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2;
}

function aligned(cell: string, width: number, left: boolean): string {
  return left ? cell.padEnd(width) : cell.padStart(width);
}
