import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { play } from './play.ts';
import { openWorlds } from './world.ts';

const folder = join(import.meta.dirname, 'files');
const worlds = await openWorlds();
after(() => worlds.close());

for (const file of readdirSync(folder).sort()) {
  test(file, () => play(readFileSync(join(folder, file), 'utf8'), worlds.open));
}
