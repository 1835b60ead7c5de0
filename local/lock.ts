/**
 * One process per data folder: a lock the system itself lets go when the process dies,
 * however it dies. Held through SQLite, which knows how to lock on every platform.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** Creates the folder when it is missing and locks it; the returned function unlocks. @throws FolderInUse */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const lock = new DatabaseSync(join(folder, 'lock.db'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new FolderInUse(`the data folder ${folder} is in use by another process`, { cause });
  }
  return () => lock.close();
}
