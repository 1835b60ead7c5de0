import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { play } from './play.ts';

const folder = join(import.meta.dirname, 'files');

for (const file of readdirSync(folder).sort()) {
  test(file, () => play(readFileSync(join(folder, file), 'utf8')));
}
