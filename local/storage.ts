/**
 * The one SQLite database under the embedded AWS (services add their own tables).
 * Writes of the same moment share one durable commit: a write resolves only when its
 * transaction is on disk, so an answer sent after it survives kill -9.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/**
 * The database is locked once and for good, as its folder is: a commit that takes and leaves the locks
 * of WAL asks the system for them eight times. The cache holds 32 MB; the log is folded into the database every 16 MB (a commit of one
 * large object would otherwise do it each time) and does not keep the size of a burst.
 */
const PRAGMAS = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864;
`;

export class Storage {
  readonly db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #mark: StatementSync;
  readonly #keep: StatementSync;
  readonly #undo: StatementSync;
  readonly #rollback: StatementSync;
  #pending: Promise<void> | undefined;

  /** `path` is a file, or ':memory:' for tests. */
  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    this.db = new DatabaseSync(path);
    this.db.exec(PRAGMAS);
    this.#begin = this.db.prepare('BEGIN IMMEDIATE');
    this.#commit = this.db.prepare('COMMIT');
    this.#mark = this.db.prepare('SAVEPOINT work');
    this.#keep = this.db.prepare('RELEASE work');
    this.#undo = this.db.prepare('ROLLBACK TO work');
    this.#rollback = this.db.prepare('ROLLBACK');
  }

  /**
   * Runs `work` at once, synchronously, inside the open transaction, and resolves with its
   * result when that transaction is durable. When `work` throws, what it wrote is undone;
   * the others of the transaction are not touched.
   */
  async write<T>(work: (db: DatabaseSync) => T): Promise<T> {
    const isFirst = this.#pending === undefined;
    const pending = this.#transaction();
    const result = isFirst ? this.#runFirst(work) : this.#run(work);
    await pending;
    return result;
  }

  /** Resolves when all that can be read now is durable. A read waits for it before it answers. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  async close(): Promise<void> {
    // Who wrote is told of a failed commit; the database closes all the same.
    await this.settled().catch(() => {});
    this.db.close();
  }

  /** Nobody else's writes are in the transaction yet: it can be begun anew, and needs no savepoint. */
  #runFirst<T>(work: (db: DatabaseSync) => T): T {
    try {
      return work(this.db);
    } catch (error) {
      if (this.db.isTransaction) this.#rollback.run();
      this.#begin.run();
      throw error;
    }
  }

  #run<T>(work: (db: DatabaseSync) => T): T {
    // SQLite gives up a whole transaction on some failures (a full disk): its commit tells the others.
    if (!this.db.isTransaction) throw new Error('the transaction of the embedded AWS was given up');
    this.#mark.run();
    try {
      return work(this.db);
    } catch (error) {
      if (this.db.isTransaction) this.#undo.run();
      throw error;
    } finally {
      if (this.db.isTransaction) this.#keep.run();
    }
  }

  #transaction(): Promise<void> {
    if (!this.#pending) {
      this.#pending = this.#commitSoon();
      // A write that threw no longer waits for its commit: its failure is then nobody's.
      this.#pending.catch(() => {});
    }
    return this.#pending;
  }

  #commitSoon(): Promise<void> {
    this.#begin.run();
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#pending = undefined;
        try {
          this.#commit.run();
          resolve();
        } catch (cause) {
          // The next write must find no open transaction.
          if (this.db.isTransaction) this.#rollback.run();
          reject(new Error('the commit of the embedded AWS failed', { cause }));
        }
      });
    });
  }
}
