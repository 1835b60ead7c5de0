import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Storage } from './storage.ts';

test('a write resolves only when it is in the files, as one who opens them after a kill finds it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const storage = new Storage(join(folder, 'aws.db'));
  await storage.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  const count = () => {
    for (const end of ['', '-wal']) copyFileSync(join(folder, `aws.db${end}`), join(folder, `copy.db${end}`));
    const copy = new DatabaseSync(join(folder, 'copy.db'));
    const found = copy.prepare('SELECT count(*) AS n FROM t').get()?.n;
    copy.close();
    return found;
  };

  const writes = [1, 2, 3].map((n) => storage.write((db) => db.prepare('INSERT INTO t VALUES (?)').run(n)));
  assert.equal(count(), 0);
  await writes[0];
  assert.equal(count(), 3);
  await storage.close();
});

test('a write that throws midway is undone and leaves its neighbours alone', async () => {
  const storage = new Storage(':memory:');
  await storage.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  const insert = (n: number) => storage.db.prepare('INSERT INTO t VALUES (?)').run(n);
  const before = storage.write(() => insert(1));
  const bad = storage.write(() => {
    insert(2);
    throw new Error('condition failed');
  });
  const after = storage.write(() => insert(3));
  await assert.rejects(bad, /condition failed/);
  await Promise.all([before, after]);
  assert.deepEqual(
    storage.db
      .prepare('SELECT n FROM t')
      .all()
      .map(({ n }) => n),
    [1, 3],
  );
  await storage.close();
});

test('a first write that throws midway is undone, and those that come after it stay', async () => {
  const storage = new Storage(':memory:');
  await storage.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  const insert = (n: number) => storage.db.prepare('INSERT INTO t VALUES (?)').run(n);
  const bad = storage.write(() => {
    insert(1);
    throw new Error('condition failed');
  });
  const after = storage.write(() => insert(2));
  await assert.rejects(bad, /condition failed/);
  await after;
  assert.deepEqual(
    storage.db
      .prepare('SELECT n FROM t')
      .all()
      .map(({ n }) => n),
    [2],
  );
  await storage.close();
});

test('when the transaction is lost, all that share it are told, and the next write works', async () => {
  const storage = new Storage(':memory:');
  await storage.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  const insert = (n: number) => storage.write((db) => db.prepare('INSERT INTO t VALUES (?)').run(n));
  const first = insert(1);
  // What SQLite does by itself when the disk is full.
  storage.db.exec('ROLLBACK');
  const second = insert(2);
  const read = storage.settled();
  const outcomes = await Promise.allSettled([first, second, read]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  await insert(3);
  assert.deepEqual(
    storage.db
      .prepare('SELECT n FROM t')
      .all()
      .map(({ n }) => n),
    [3],
  );
  await storage.close();
});
