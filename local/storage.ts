/**
 * The one SQLite database under the embedded AWS (services add their own tables).
 * Writes of the same moment share one durable commit: a write resolves only when its
 * transaction is on disk, so an answer sent after it survives kill -9.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export class Storage {
  readonly db: DatabaseSync;
  #pending: Promise<void> | undefined;

  /** `path` is a file, or ':memory:' for tests. */
  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    this.db = new DatabaseSync(path);
    this.db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY');
  }

  /**
   * Runs `work` at once, synchronously, inside the open transaction, and resolves with its
   * result when that transaction is durable. `work` must do its checks before its first
   * write: when it throws, what it wrote before is not undone.
   */
  async write<T>(work: (db: DatabaseSync) => T): Promise<T> {
    const pending = this.#begin();
    const result = work(this.db);
    await pending;
    return result;
  }

  /** Resolves when all that can be read now is durable. A read waits for it before it answers. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  async close(): Promise<void> {
    await this.#pending;
    this.db.close();
  }

  #begin(): Promise<void> {
    if (!this.#pending) {
      this.#pending = this.#commitSoon();
      // A write that threw no longer waits for its commit: its failure is then nobody's.
      this.#pending.catch(() => {});
    }
    return this.#pending;
  }

  #commitSoon(): Promise<void> {
    this.db.exec('BEGIN IMMEDIATE');
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#pending = undefined;
        try {
          this.db.exec('COMMIT');
          resolve();
        } catch (cause) {
          // The next write must find no open transaction.
          if (this.db.isTransaction) this.db.exec('ROLLBACK');
          reject(new Error('the commit of the embedded AWS failed', { cause }));
        }
      });
    });
  }
}
