/** The rows of multipart uploads in progress and their parts. Synchronous, like the object table. */
import type { DatabaseSync } from 'node:sqlite';
import type { ChecksumName } from './checksums.ts';

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly createdMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly checksumName: ChecksumName | undefined;
  readonly checksumType: 'FULL_OBJECT' | 'COMPOSITE';
}

export interface Part {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
  /** Base64, of the upload's algorithm. */
  readonly checksum: string | undefined;
  readonly bodyName: string;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS s3_uploads (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, upload TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS s3_parts (
  upload_id TEXT NOT NULL, number INTEGER NOT NULL, part TEXT NOT NULL, body_name TEXT NOT NULL,
  PRIMARY KEY (upload_id, number)) STRICT;
`;

export class PartTable {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    db.exec(SCHEMA);
    this.#db = db;
  }

  addUpload(upload: Upload): void {
    const row = [upload.id, upload.bucket, upload.key, JSON.stringify(upload)];
    this.#db.prepare('INSERT INTO s3_uploads VALUES (?, ?, ?, ?)').run(...row);
  }

  upload(id: string, bucket: string, key: string): Upload | undefined {
    const row = this.#db
      .prepare('SELECT upload FROM s3_uploads WHERE id = ? AND bucket = ? AND key = ?')
      .get(id, bucket, key);
    return row && JSON.parse(String(row.upload));
  }

  uploads(bucket: string): readonly Upload[] {
    const rows = this.#db
      .prepare('SELECT upload FROM s3_uploads WHERE bucket = ? ORDER BY key, id')
      .all(bucket);
    return rows.map((row) => JSON.parse(String(row.upload)));
  }

  /** Adds the part; returns the body of the one of the same number that it replaces. */
  putPart(uploadId: string, part: Part): string | undefined {
    const old = this.#db
      .prepare('SELECT body_name FROM s3_parts WHERE upload_id = ? AND number = ?')
      .get(uploadId, part.number);
    this.#db
      .prepare('INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?, ?)')
      .run(uploadId, part.number, JSON.stringify(part), part.bodyName);
    return old && String(old.body_name);
  }

  parts(uploadId: string): readonly Part[] {
    const rows = this.#db
      .prepare('SELECT part FROM s3_parts WHERE upload_id = ? ORDER BY number')
      .all(uploadId);
    return rows.map((row) => JSON.parse(String(row.part)));
  }

  removeUpload(id: string): void {
    this.#db.prepare('DELETE FROM s3_uploads WHERE id = ?').run(id);
    this.#db.prepare('DELETE FROM s3_parts WHERE upload_id = ?').run(id);
  }

  *bodyNames(): Generator<string> {
    for (const row of this.#db.prepare('SELECT body_name FROM s3_parts').iterate()) {
      yield String(row.body_name);
    }
  }
}
