/**
 * The SQLite rows of one table: one per item (encoded key, the item as JSON text, its size,
 * its expiry), and one per item and index that holds it. All statements are prepared once.
 * Knows no requests: what may be written has been decided before.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Key } from './keys.ts';

/** An item as it is stored; `id` is its row, which never changes while the item exists. */
export interface Row {
  readonly id: number;
  readonly item: string;
  /** Bytes as DynamoDB counts them. */
  readonly size: number;
}

export interface KeyRow extends Row {
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
}

export interface IndexEntry extends Key {
  readonly item: string;
  readonly size: number;
}

/** Part of the rows, in key order. Bounds are encoded sort keys. */
export interface Range {
  /** Absent in a scan. */
  readonly pk?: Uint8Array | undefined;
  readonly low?: Bound | undefined;
  readonly high?: Bound | undefined;
  /** The key of the row before the first one wanted; `base` is the item's own key in an index. */
  readonly after?: (Key & { readonly base: Key | undefined }) | undefined;
  readonly backward: boolean;
}

export interface Bound {
  readonly sk: Uint8Array;
  readonly inclusive: boolean;
}

export interface Totals {
  readonly count: number;
  readonly bytes: number;
  readonly countedAtMs: number;
}

/** DescribeTable: "updated approximately every six hours". */
const TOTALS_LIFETIME_MS = 6 * 3600 * 1000;

export class Rows {
  readonly #db: DatabaseSync;
  readonly #id: number;
  readonly #statements = new Map<string, StatementSync>();
  /** The two commonest, found without their text. */
  #get: StatementSync | undefined;
  #insert: StatementSync | undefined;
  readonly #totals = new Map<number | undefined, Totals>();

  constructor(db: DatabaseSync, id: number) {
    this.#db = db;
    this.#id = id;
  }

  /** Creates the SQL tables: one for the items, one per index. */
  create(indexes: number): void {
    this.#db.exec(`CREATE TABLE ${this.#items} (id INTEGER PRIMARY KEY, pk BLOB NOT NULL, sk BLOB NOT NULL,
      size INTEGER NOT NULL, expires INTEGER, item TEXT NOT NULL);
      CREATE UNIQUE INDEX ${this.#items}_key ON ${this.#items} (pk, sk);
      CREATE INDEX ${this.#items}_expires ON ${this.#items} (expires) WHERE expires IS NOT NULL`);
    for (let index = 0; index < indexes; index += 1) {
      const name = this.#index(index);
      this.#db.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, pk BLOB NOT NULL, sk BLOB NOT NULL,
        base_pk BLOB NOT NULL, base_sk BLOB NOT NULL, size INTEGER NOT NULL, item TEXT NOT NULL);
        CREATE UNIQUE INDEX ${name}_key ON ${name} (pk, sk, base_pk, base_sk)`);
    }
  }

  drop(indexes: number): void {
    this.#statements.clear();
    this.#get = undefined;
    this.#insert = undefined;
    this.#db.exec(`DROP TABLE ${this.#items}`);
    for (let index = 0; index < indexes; index += 1) this.#db.exec(`DROP TABLE ${this.#index(index)}`);
  }

  get({ pk, sk }: Key): Row | undefined {
    this.#get ??= this.#prepare(`SELECT id, item, size FROM ${this.#items} WHERE pk = ? AND sk = ?`);
    return this.#get.get(pk, sk) as Row | undefined;
  }

  /** Writes a new item and returns its row's id. */
  insert({ pk, sk }: Key, item: string, size: number, expires: number | null): number {
    this.#insert ??= this.#prepare(
      `INSERT INTO ${this.#items} (pk, sk, item, size, expires) VALUES (?, ?, ?, ?, ?)`,
    );
    return Number(this.#insert.run(pk, sk, item, size, expires).lastInsertRowid);
  }

  update(id: number, item: string, size: number, expires: number | null): void {
    const sql = `UPDATE ${this.#items} SET item = ?, size = ?, expires = ? WHERE id = ?`;
    this.#prepare(sql).run(item, size, expires, id);
  }

  delete(id: number): void {
    this.#prepare(`DELETE FROM ${this.#items} WHERE id = ?`).run(id);
  }

  putIndex(index: number, id: number, base: Key, { pk, sk, item, size }: IndexEntry): void {
    const sql = `INSERT OR REPLACE INTO ${this.#index(index)}
      (id, pk, sk, base_pk, base_sk, item, size) VALUES (?, ?, ?, ?, ?, ?, ?)`;
    this.#prepare(sql).run(id, pk, sk, base.pk, base.sk, item, size);
  }

  deleteIndex(index: number, id: number): void {
    this.#prepare(`DELETE FROM ${this.#index(index)} WHERE id = ?`).run(id);
  }

  /** Rows of the table or of an index in key order, read as they are taken. */
  range(index: number | undefined, range: Range): IterableIterator<Row> {
    const { where, values } = conditions(index !== undefined, range);
    const keys = index === undefined ? ['pk', 'sk'] : ['pk', 'sk', 'base_pk', 'base_sk'];
    const direction = range.backward ? ' DESC' : '';
    const sql = `SELECT id, item, size FROM ${index === undefined ? this.#items : this.#index(index)}
      ${where === '' ? '' : `WHERE ${where}`} ORDER BY ${keys.map((key) => key + direction).join(', ')}`;
    return this.#prepare(sql).iterate(...values) as unknown as IterableIterator<Row>;
  }

  /** Items whose expiry (seconds since the epoch) lies in the span, at most `limit`. */
  expired(fromSeconds: number, toSeconds: number, limit: number): KeyRow[] {
    const sql = `SELECT id, pk, sk, item, size FROM ${this.#items}
      WHERE expires > ? AND expires <= ? LIMIT ?`;
    return this.#prepare(sql).all(fromSeconds, toSeconds, limit) as unknown as KeyRow[];
  }

  /** Sets the expiry of every item anew, after TTL was switched on or off. */
  resetExpiry(expiry: (item: string) => number | null): void {
    const rows = this.#prepare(`SELECT id, item, size FROM ${this.#items}`).all() as unknown as Row[];
    const update = this.#prepare(`UPDATE ${this.#items} SET expires = ? WHERE id = ?`);
    for (const row of rows) update.run(expiry(row.item), row.id);
  }

  /**
   * How many rows and bytes the table or an index has. Counting reads everything, so it is
   * done as rarely as on AWS.
   */
  totals(index: number | undefined, nowMs: number): Totals {
    const known = this.#totals.get(index);
    if (known !== undefined && nowMs - known.countedAtMs < TOTALS_LIFETIME_MS) return known;
    const counted = { ...this.#count(index), countedAtMs: nowMs };
    this.#totals.set(index, counted);
    return counted;
  }

  #count(index: number | undefined): { count: number; bytes: number } {
    const table = index === undefined ? this.#items : this.#index(index);
    const sql = `SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM ${table}`;
    return this.#prepare(sql).get() as { count: number; bytes: number };
  }

  get #items(): string {
    return `dynamodb_item_${String(this.#id)}`;
  }

  #index(index: number): string {
    return `dynamodb_index_${String(this.#id)}_${String(index)}`;
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function conditions(isIndex: boolean, range: Range): { where: string; values: SQLInputValue[] } {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...bound: SQLInputValue[]) => {
    parts.push(sql);
    values.push(...bound);
  };
  const { pk, low, high, after } = range;
  if (pk !== undefined) add('pk = ?', pk);
  if (low !== undefined) add(low.inclusive ? 'sk >= ?' : 'sk > ?', low.sk);
  if (high !== undefined) add(high.inclusive ? 'sk <= ?' : 'sk < ?', high.sk);
  if (after !== undefined) {
    const beyond = range.backward ? '<' : '>';
    const columns = [...(pk === undefined ? ['pk'] : []), 'sk'];
    const start = [...(pk === undefined ? [after.pk] : []), after.sk];
    if (isIndex && after.base !== undefined) {
      columns.push('base_pk', 'base_sk');
      start.push(after.base.pk, after.base.sk);
    }
    add(`(${columns.join(', ')}) ${beyond} (${start.map(() => '?').join(', ')})`, ...start);
  }
  return { where: parts.join(' AND '), values };
}
