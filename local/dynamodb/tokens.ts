/**
 * Client request tokens: a transaction sent again with the same token within ten minutes
 * is answered without doing it again, also after a restart.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DynamoError } from './errors.ts';

export const TOKEN_LIFETIME_MS = 10 * 60 * 1000;

export class Tokens {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #purge: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(`CREATE TABLE IF NOT EXISTS dynamodb_token
      (token TEXT PRIMARY KEY, digest BLOB NOT NULL, expires INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS dynamodb_token_expires ON dynamodb_token (expires)`);
    this.#find = db.prepare('SELECT digest FROM dynamodb_token WHERE token = ? AND expires > ?');
    this.#insert = db.prepare(
      'INSERT OR REPLACE INTO dynamodb_token (token, digest, expires) VALUES (?, ?, ?)',
    );
    this.#purge = db.prepare('DELETE FROM dynamodb_token WHERE expires <= ?');
  }

  /** Whether this request was done before; refuses another request under its token. */
  isDone(token: string, digest: Uint8Array, nowMs: number): boolean {
    const row = this.#find.get(token, nowMs);
    if (row === undefined) return false;
    if (row.digest instanceof Uint8Array && Buffer.compare(row.digest, digest) === 0) return true;
    throw new DynamoError(
      'IdempotentParameterMismatchException',
      'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
    );
  }

  /** To be called inside the transaction that does the request. */
  remember(token: string, digest: Uint8Array, nowMs: number): void {
    this.#purge.run(nowMs);
    this.#insert.run(token, digest, nowMs + TOKEN_LIFETIME_MS);
  }
}

export function requestDigest(value: unknown): Uint8Array {
  return createHash('sha256').update(JSON.stringify(value)).digest();
}
