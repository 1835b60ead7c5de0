import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Storage } from './storage.ts';

test('a write resolves only when another connection can read it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const storage = new Storage(join(folder, 'aws.db'));
  await storage.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  const other = new DatabaseSync(join(folder, 'aws.db'));
  const count = () => other.prepare('SELECT count(*) AS n FROM t').get()?.n;

  const writes = [1, 2, 3].map((n) => storage.write((db) => db.prepare('INSERT INTO t VALUES (?)').run(n)));
  assert.equal(count(), 0);
  await writes[0];
  assert.equal(count(), 3);
  other.close();
  await storage.close();
});

test('a write that throws rejects and leaves its neighbours alone', async () => {
  const storage = new Storage(':memory:');
  await storage.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  const bad = storage.write(() => {
    throw new Error('condition failed');
  });
  const good = storage.write((db) => db.prepare('INSERT INTO t VALUES (1)').run());
  await assert.rejects(bad, /condition failed/);
  await good;
  assert.equal(storage.db.prepare('SELECT count(*) AS n FROM t').get()?.n, 1);
  await storage.close();
});
