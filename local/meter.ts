/**
 * Counts what AWS would bill, per service, operation, resource, tenant and a free tag, so
 * that cost is a test result. It never decides anything; it adds numbers up.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { priceOf } from './prices.ts';
import type { Service, Usage } from './types.ts';

/** Names a tag from another process, which cannot use `tagged`. */
export const TAG_HEADER = 'x-local-tag';

export interface MeterRow {
  readonly service: Service['name'];
  readonly operation: string;
  readonly resource: string;
  readonly tenant: string;
  readonly tag: string;
  /** API calls answered. */
  readonly calls: number;
  /** Calls answered with an error (4xx or 5xx). */
  readonly errors: number;
  /** Billed requests: more than `calls` for SQS payloads above 64 KB. */
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  readonly usd: number;
}

export interface Bill {
  readonly rows: readonly MeterRow[];
  readonly usd: number;
}

/** The counters at one moment; give it to `since`. */
export type MeterSnapshot = ReadonlyMap<string, MeterRow>;

/** Tenants and tags come with the requests: past this many rows, new ones are no longer told apart. */
const MAX_ROWS = 50_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const COUNTED = [
  'calls',
  'errors',
  'requests',
  'readUnits',
  'writeUnits',
  'bytesIn',
  'bytesOut',
  'durationMs',
  'usd',
] as const;

export function newUsage(operation: string): Usage {
  return {
    operation,
    resource: '',
    tenant: '',
    writeUnits: 0,
    readUnits: 0,
    requests: 1,
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 0,
  };
}

export class Meter {
  readonly #rows = new Map<string, Mutable<MeterRow>>();
  readonly #tag = new AsyncLocalStorage<string>();

  /** Runs `work`; requests made in it, through any number of awaits, carry `tag`. */
  tagged<T>(tag: string, work: () => T): T {
    return this.#tag.run(tag, work);
  }

  record(service: Service['name'], usage: Usage, status: number, headerTag?: string): void {
    const row = this.#row(service, usage, headerTag ?? this.#tag.getStore() ?? '');
    row.calls += 1;
    row.bytesIn += usage.bytesIn;
    row.bytesOut += usage.bytesOut;
    row.durationMs += usage.durationMs;
    if (status >= 400) row.errors += 1;
    // AWS does not bill what it failed to serve, nor what it throttled.
    if (status >= 500 || status === 429) return;
    row.requests += usage.requests;
    row.readUnits += usage.readUnits;
    row.writeUnits += usage.writeUnits;
    row.usd += priceOf(service, usage);
  }

  snapshot(): MeterSnapshot {
    return new Map([...this.#rows].map(([key, row]) => [key, { ...row }]));
  }

  /** What was added since `before` (or since the start), rows without a call left out. */
  since(before: MeterSnapshot = new Map()): Bill {
    const rows: MeterRow[] = [];
    let usd = 0;
    for (const [key, row] of this.#rows) {
      const added = difference(row, before.get(key));
      if (added.calls === 0) continue;
      rows.push(added);
      usd += added.usd;
    }
    return { rows, usd };
  }

  #row(service: Service['name'], usage: Usage, tag: string): Mutable<MeterRow> {
    const { operation, resource, tenant } = usage;
    const key = `${service}\n${operation}\n${resource}\n${tenant}\n${tag}`;
    const known = this.#rows.get(key);
    if (known) return known;
    const isFull = this.#rows.size >= MAX_ROWS && (resource !== '' || tenant !== '' || tag !== '');
    if (isFull) return this.#row(service, { ...usage, resource: '', tenant: '' }, '');
    const row = { service, operation, resource, tenant, tag, ...zeros() };
    this.#rows.set(key, row);
    return row;
  }
}

function zeros() {
  return {
    calls: 0,
    errors: 0,
    requests: 0,
    readUnits: 0,
    writeUnits: 0,
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 0,
    usd: 0,
  };
}

function difference(now: MeterRow, before: MeterRow | undefined): MeterRow {
  const row: Mutable<MeterRow> = { ...now };
  if (before) for (const name of COUNTED) row[name] -= before[name];
  return row;
}
