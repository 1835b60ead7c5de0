/**
 * Where object bytes too large for a database row live: files in a folder, under names that no
 * row knows before they are synced; or memory, for tests. A body is immutable once committed,
 * so whoever reads it needs no lock.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, unlinkSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

/** Takes one body in pieces. Exactly one of `commit` and `abort` ends it. */
export interface BodyWriter {
  /** The chunk must stay as it is until the body is committed. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the body durable and gives its name. */
  commit(): Promise<string>;
  abort(): Promise<void>;
}

export interface Bodies {
  create(): Promise<BodyWriter>;
  /** Bytes `start` (included) to `end` (excluded); undefined when there is no such body any more. */
  open(name: string, start: number, end: number): Promise<Readable | undefined>;
  /** The same at once, for ranges of up to SMALL_READ_BYTES. */
  read(name: string, start: number, end: number): Uint8Array | undefined;
  /** Of one that no row names any more. Never fails: the row that names another stands; what stays goes at the next start. */
  remove(name: string): Promise<void>;
}

const READ_CHUNK_BYTES = 256 * 1024;
/** What is read in place, as rows of the database are: a stream, with its four trips to the thread pool, costs ten times as much. */
export const SMALL_READ_BYTES = 128 * 1024;

export class MemoryBodies implements Bodies {
  readonly #bodies = new Map<string, Buffer>();

  create(): Promise<BodyWriter> {
    const chunks: Uint8Array[] = [];
    const bodies = this.#bodies;
    return Promise.resolve({
      async write(chunk) {
        chunks.push(chunk);
      },
      async commit() {
        const name = randomUUID();
        bodies.set(name, Buffer.concat(chunks));
        return name;
      },
      async abort() {},
    });
  }

  async open(name: string, start: number, end: number): Promise<Readable | undefined> {
    const body = this.#bodies.get(name);
    return body && toStream(body.subarray(start, end));
  }

  read(name: string, start: number, end: number): Uint8Array | undefined {
    return this.#bodies.get(name)?.subarray(start, end);
  }

  async remove(name: string): Promise<void> {
    this.#bodies.delete(name);
  }
}

function toStream(bytes: Buffer): Readable {
  return Readable.from(inPieces(bytes), { objectMode: false });
}

function* inPieces(bytes: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += READ_CHUNK_BYTES) yield bytes.subarray(at, at + READ_CHUNK_BYTES);
}

export class FileBodies implements Bodies {
  readonly #folder: string;

  /** Creates the folder and its 256 subfolders, so that a body's folder is always there. */
  constructor(folder: string) {
    this.#folder = folder;
    for (let byte = 0; byte < 256; byte++) mkdirSync(join(folder, hex(byte)), { recursive: true });
    for (const each of [folder, dirname(folder)]) syncFolderNow(each);
  }

  async create(): Promise<BodyWriter> {
    const name = randomUUID();
    const path = this.#path(name);
    const file = await open(path, 'wx');
    return {
      write: async (chunk) => {
        await writeAll(file, chunk);
      },
      commit: async () => {
        await file.sync();
        await file.close();
        await syncFolder(dirname(path));
        return name;
      },
      // Also after a commit that failed; what cannot be removed now goes at the next start.
      abort: async () => {
        await Promise.allSettled([file.close(), unlink(path)]);
      },
    };
  }

  async open(name: string, start: number, end: number): Promise<Readable | undefined> {
    try {
      const file = await open(this.#path(name), 'r');
      if (end <= start) {
        await file.close();
        return toStream(Buffer.alloc(0));
      }
      return file.createReadStream({ start, end: end - 1, highWaterMark: READ_CHUNK_BYTES });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  read(name: string, start: number, end: number): Uint8Array | undefined {
    const bytes = Buffer.allocUnsafe(end - start);
    try {
      const file = openSync(this.#path(name), 'r');
      try {
        for (let at = 0; at < bytes.length; ) {
          const count = readSync(file, bytes, at, bytes.length - at, start + at);
          if (count === 0) throw new Error(`the body ${name} is shorter than its row says`);
          at += count;
        }
      } finally {
        closeSync(file);
      }
      return bytes;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await unlink(this.#path(name)).catch(() => undefined);
  }

  /** Deletes what a crash left behind: files that `isNamed` does not know, half-written or whole. */
  clean(isNamed: (name: string) => boolean): void {
    for (let byte = 0; byte < 256; byte++) {
      const folder = join(this.#folder, hex(byte));
      for (const name of readdirSync(folder)) {
        if (!isNamed(name)) unlinkSync(join(folder, name));
      }
    }
  }

  #path(name: string): string {
    return join(this.#folder, name.slice(0, 2), name);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.byteLength - at);
    at += bytesWritten;
  }
}

/** A new file is durable only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function syncFolderNow(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
