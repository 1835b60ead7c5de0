/**
 * The rows behind S3: buckets and objects. A small body lies in its row, a large one in
 * one or more named bodies (one per part of a multipart upload). Synchronous; the caller
 * runs writes inside `storage.write` and does its checks before the first of them.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ChecksumName } from './checksums.ts';
import { type Encryption, SSE_S3 } from './encryption.ts';

export interface Segment {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface Checksum {
  readonly name: ChecksumName;
  /** Base64; of a multipart object perhaps a composite, `<base64>-<parts>`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** All of an object but its bytes. */
export interface ObjectHead {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Headers to give back: content type and the like and user metadata, as they came, and its encryption. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Checksum | undefined;
  /** Empty when the body lies in the row. */
  readonly segments: readonly Segment[];
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS s3_buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS s3_encryption (bucket TEXT PRIMARY KEY, encryption TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS s3_objects (
  bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
  modified_ms INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, segments TEXT NOT NULL,
  body BLOB, PRIMARY KEY (bucket, key)) STRICT;
`;

const HEAD_COLUMNS = 'bucket, key, size, etag, modified_ms, headers, checksum, segments';

type Row = Record<string, unknown>;

export class ObjectTable {
  readonly #db: DatabaseSync;
  readonly #head: StatementSync;
  readonly #body: StatementSync;
  readonly #part: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #after: StatementSync;
  readonly #from: StatementSync;
  readonly #bucket: StatementSync;
  readonly #encryption: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#db = db;
    this.#head = db.prepare(`SELECT ${HEAD_COLUMNS} FROM s3_objects WHERE bucket = ? AND key = ?`);
    this.#body = db.prepare('SELECT body FROM s3_objects WHERE bucket = ? AND key = ?');
    this.#part = db.prepare('SELECT substr(body, ?, ?) AS body FROM s3_objects WHERE bucket = ? AND key = ?');
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO s3_objects (${HEAD_COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#remove = db.prepare('DELETE FROM s3_objects WHERE bucket = ? AND key = ?');
    const page = `SELECT ${HEAD_COLUMNS} FROM s3_objects WHERE bucket = ? AND key`;
    this.#after = db.prepare(`${page} > ? ORDER BY key LIMIT ?`);
    this.#from = db.prepare(`${page} >= ? ORDER BY key LIMIT ?`);
    this.#bucket = db.prepare('SELECT created_ms FROM s3_buckets WHERE name = ?');
    this.#encryption = db.prepare('SELECT encryption FROM s3_encryption WHERE bucket = ?');
  }

  hasBucket(name: string): boolean {
    return this.#bucket.get(name) !== undefined;
  }

  addBucket(name: string, nowMs: number): void {
    this.#db.prepare('INSERT INTO s3_buckets VALUES (?, ?)').run(name, nowMs);
  }

  removeBucket(name: string): void {
    this.#db.prepare('DELETE FROM s3_buckets WHERE name = ?').run(name);
    this.setEncryption(name, undefined);
  }

  /** What the bucket's new objects are encrypted with by default. */
  encryption(bucket: string): Encryption {
    const row = this.#encryption.get(bucket);
    return row ? JSON.parse(String(row.encryption)) : SSE_S3;
  }

  setEncryption(bucket: string, encryption: Encryption | undefined): void {
    this.#db.prepare('DELETE FROM s3_encryption WHERE bucket = ?').run(bucket);
    if (!encryption) return;
    this.#db.prepare('INSERT INTO s3_encryption VALUES (?, ?)').run(bucket, JSON.stringify(encryption));
  }

  buckets(): readonly { readonly name: string; readonly createdMs: number }[] {
    const rows = this.#db.prepare('SELECT name, created_ms FROM s3_buckets ORDER BY name').all();
    return rows.map((row) => ({ name: String(row.name), createdMs: Number(row.created_ms) }));
  }

  head(bucket: string, key: string): ObjectHead | undefined {
    const row = this.#head.get(bucket, key);
    return row && toHead(row);
  }

  /** Bytes `start` (included) to `end` (excluded) of the row; undefined when it is gone or has segments. */
  body({ bucket, key, sizeBytes }: ObjectHead, start = 0, end = sizeBytes): Uint8Array | undefined {
    const whole = start === 0 && end === sizeBytes;
    // A part is cut out by SQLite, which costs less than to hand over the whole. SQL counts from 1.
    const row = whole ? this.#body.get(bucket, key) : this.#part.get(start + 1, end - start, bucket, key);
    const body = row?.body;
    return body instanceof Uint8Array ? body : undefined;
  }

  /** Puts the object in place of the one of its key. `body` is null when it has segments. */
  put(head: ObjectHead, body: Uint8Array | null): void {
    const checksum = head.checksum ? JSON.stringify(head.checksum) : null;
    const segments = head.segments.length === 0 ? '[]' : JSON.stringify(head.segments);
    const headers = JSON.stringify(head.headers);
    const { bucket, key, sizeBytes, etag, modifiedMs } = head;
    this.#put.run(bucket, key, sizeBytes, etag, modifiedMs, headers, checksum, segments, body);
  }

  remove(bucket: string, key: string): void {
    this.#remove.run(bucket, key);
  }

  hasObjects(bucket: string): boolean {
    return this.#after.get(bucket, '', 1) !== undefined;
  }

  /** Up to `limit` objects in key order, from `start` (or after it, when `exclusive`), read as they are taken. */
  *page(bucket: string, start: string, exclusive: boolean, limit: number): Generator<ObjectHead> {
    const rows = (exclusive ? this.#after : this.#from).iterate(bucket, start, limit);
    for (const row of rows) yield toHead(row);
  }

  /** Names of all bodies that an object uses. */
  *segmentNames(): Generator<string> {
    const rows = this.#db.prepare("SELECT segments FROM s3_objects WHERE segments <> '[]'").iterate();
    for (const row of rows) for (const { name } of parseSegments(row.segments)) yield name;
  }
}

function toHead(row: Row): ObjectHead {
  return {
    bucket: String(row.bucket),
    key: String(row.key),
    sizeBytes: Number(row.size),
    etag: String(row.etag),
    modifiedMs: Number(row.modified_ms),
    headers: JSON.parse(String(row.headers)),
    checksum: typeof row.checksum === 'string' ? JSON.parse(row.checksum) : undefined,
    segments: row.segments === '[]' ? [] : parseSegments(row.segments),
  };
}

function parseSegments(text: unknown): readonly Segment[] {
  return JSON.parse(String(text));
}
