/**
 * The catalogue: which tables exist, kept in SQLite and in memory. Creating, dropping and
 * TTL settings; items are in `rows.ts`.
 */
import type { Storage } from '../storage.ts';
import type { IndexDefinition, TableDefinition } from './definition.ts';
import { DynamoError, resourceNotFound, validation } from './errors.ts';
import { Rows } from './rows.ts';

/** One table, open for use. */
export interface Table {
  readonly id: number;
  readonly definition: TableDefinition;
  readonly rows: Rows;
}

export class Tables {
  readonly #storage: Storage;
  readonly #tables = new Map<string, Table>();

  /** Opens the tables that an earlier process left. */
  constructor(storage: Storage) {
    this.#storage = storage;
    storage.db.exec(`CREATE TABLE IF NOT EXISTS dynamodb_table
      (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL)`);
    for (const row of storage.db.prepare('SELECT id, definition FROM dynamodb_table').all()) {
      const definition = JSON.parse(String(row.definition)) as TableDefinition;
      this.#open(Number(row.id), definition);
    }
  }

  /** For item requests. */
  get(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw resourceNotFound();
    return table;
  }

  /** For table requests, whose message names the table. */
  named(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw resourceNotFound(`Requested resource not found: Table: ${name} not found`);
    return table;
  }

  all(): Table[] {
    return [...this.#tables.values()];
  }

  /** Names in byte order. */
  names(): string[] {
    return [...this.#tables.keys()].sort();
  }

  async create(definition: TableDefinition): Promise<Table> {
    const { name } = definition;
    if (this.#tables.has(name)) throw inUse(`Table already exists: ${name}`);
    return await this.#storage.write((db) => {
      const sql = 'INSERT INTO dynamodb_table (name, definition) VALUES (?, ?)';
      const { lastInsertRowid } = db.prepare(sql).run(name, JSON.stringify(definition));
      const id = Number(lastInsertRowid);
      new Rows(db, id).create(definition.indexes.length);
      return this.#open(id, definition);
    });
  }

  async delete(name: string): Promise<Table> {
    const table = this.named(name);
    if (table.definition.deletionProtection) {
      throw validation(
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    }
    return await this.#storage.write((db) => {
      db.prepare('DELETE FROM dynamodb_table WHERE id = ?').run(table.id);
      table.rows.drop(table.definition.indexes.length);
      this.#tables.delete(name);
      return table;
    });
  }

  /** Replaces a table's definition; `work` runs in the same transaction. */
  async redefine(table: Table, definition: TableDefinition, work: () => void): Promise<void> {
    await this.#storage.write((db) => {
      const sql = 'UPDATE dynamodb_table SET definition = ? WHERE id = ?';
      db.prepare(sql).run(JSON.stringify(definition), table.id);
      work();
      this.#tables.set(definition.name, { ...table, definition });
    });
  }

  #open(id: number, definition: TableDefinition): Table {
    const table = { id, definition, rows: new Rows(this.#storage.db, id) };
    this.#tables.set(definition.name, table);
    return table;
  }
}

/** The position of an index among the table's, and its definition. */
export function findIndex(table: Table, name: string): { at: number; index: IndexDefinition } {
  const at = table.definition.indexes.findIndex((index) => index.name === name);
  const index = table.definition.indexes[at];
  if (index === undefined) throw validation(`The table does not have the specified index: ${name}`);
  return { at, index };
}

function inUse(message: string): DynamoError {
  return new DynamoError('ResourceInUseException', message);
}
