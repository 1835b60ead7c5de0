/**
 * What a request consumes, by AWS's rounding: a read unit is 4 KB (half when eventually
 * consistent), a write unit 1 KB, a transaction costs double, indexes are written apart.
 */
import type { Usage } from '../types.ts';
import { type Input, oneOf } from './input.ts';

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

export type ReadMode = 'eventual' | 'strong' | 'transactional';

const READ_FACTOR: Readonly<Record<ReadMode, number>> = { eventual: 0.5, strong: 1, transactional: 2 };

/** Read request units of `bytes` read together; nothing found costs as much as one unit. */
export function readUnits(bytes: number, mode: ReadMode): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * READ_FACTOR[mode];
}

/** Write request units of one item of `bytes`. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

interface TableUnits {
  table: number;
  readonly indexes: Map<string, number>;
}

/** Adds up the units of one request, per table and index, and reports them as asked. */
export class Capacity {
  readonly #kind: 'read' | 'write';
  readonly #report: 'NONE' | 'TOTAL' | 'INDEXES';
  readonly #transaction: boolean;
  readonly #usage: Usage;
  readonly #tables = new Map<string, TableUnits>();

  constructor(kind: 'read' | 'write', input: Input, usage: Usage, transaction = false) {
    this.#kind = kind;
    this.#usage = usage;
    this.#transaction = transaction;
    this.#report = oneOf(input, 'ReturnConsumedCapacity', ['INDEXES', 'TOTAL', 'NONE'], 'NONE');
  }

  /** Counts units of a table, or of one of its indexes. */
  add(table: string, units: number, index?: string): void {
    if (this.#kind === 'read') this.#usage.readUnits += units;
    else this.#usage.writeUnits += units;
    const entry = this.#tables.get(table) ?? { table: 0, indexes: new Map<string, number>() };
    this.#tables.set(table, entry);
    if (index === undefined) entry.table += units;
    else entry.indexes.set(index, (entry.indexes.get(index) ?? 0) + units);
  }

  /** The `ConsumedCapacity` of a request on one table; undefined when not asked for. */
  one(): unknown {
    return this.many()?.[0];
  }

  /** The `ConsumedCapacity` list of a request on several tables. */
  many(): unknown[] | undefined {
    if (this.#report === 'NONE') return undefined;
    return [...this.#tables].map(([name, units]) => this.#describe(name, units));
  }

  #describe(name: string, units: TableUnits): unknown {
    const total = [...units.indexes.values()].reduce((sum, each) => sum + each, units.table);
    const described = { TableName: name, ...this.#units(total) };
    if (this.#report === 'TOTAL') return described;
    const indexes = [...units.indexes].map(([index, each]) => [index, this.#units(each)] as const);
    return {
      ...described,
      Table: this.#units(units.table),
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: Object.fromEntries(indexes) }),
    };
  }

  /** Only transactions also tell reads from writes. */
  #units(units: number): Record<string, number> {
    if (!this.#transaction) return { CapacityUnits: units };
    const name = this.#kind === 'read' ? 'ReadCapacityUnits' : 'WriteCapacityUnits';
    return { CapacityUnits: units, [name]: units };
  }
}
