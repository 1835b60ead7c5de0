/** The inputs that are kept: `test/fuzz/seeds/<target>/`, one file each, examples and findings alike. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'seeds');

export interface Seed {
  readonly name: string;
  readonly octets: Buffer;
}

export function seedsOf(target: string): readonly Seed[] {
  const own = join(folder, target);
  mkdirSync(own, { recursive: true });
  return readdirSync(own)
    .sort()
    .map((name) => ({ name, octets: readFileSync(join(own, name)) }));
}

/** Keeps the input of a finding; returns the path. */
export function keep(target: string, octets: Buffer): string {
  const name = `found-${createHash('sha256').update(octets).digest('hex').slice(0, 12)}`;
  const path = join(folder, target, name);
  mkdirSync(join(folder, target), { recursive: true });
  writeFileSync(path, octets);
  return path;
}
