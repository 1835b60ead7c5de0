import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { play } from './testing/dialogue.ts';

const folder = new URL('./dialogues/', import.meta.url);

for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
  test(`dialogue ${name}`, () => play(readFileSync(new URL(name, folder), 'utf8')));
}
