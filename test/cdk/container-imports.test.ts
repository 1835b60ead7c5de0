/** What the images run must be in the images: production packages and the copied folders alone. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const sources = globSync('{core,fargate}/**/*.ts', { cwd: root }).filter(
  (path) => !path.endsWith('.test.ts'),
);
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Specifiers that Node loads at run time; `import type` is stripped. */
function loadedBy(path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const found = text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[\w*{][^'";]*?\sfrom\s+)?'([^']+)';/gm);
  return [...found].map((match) => match[1] ?? '');
}

test('containers load production packages only', () => {
  assert.ok(sources.length > 100);
  assert.ok(loadedBy('core/auth/dkim/sign.ts').includes('mailauth/lib/dkim/sign.js'), 'imports are found');
  const missing = sources.flatMap((path) =>
    loadedBy(path)
      .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter((name) => !(name in dependencies))
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('containers load nothing outside the folders of the image', () => {
  const outside = sources.flatMap((path) =>
    loadedBy(path)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(path, '..', specifier))
      .filter((target) => !/^(core|fargate)\//.test(target))
      .map((target) => `${path}: ${target}`),
  );
  assert.deepEqual(outside, []);
});

test('every server has an image, a start and its folders', () => {
  for (const name of ['smtp', 'pop3', 'imap']) {
    const text = readFileSync(join(root, 'fargate', name, 'Dockerfile'), 'utf8');
    assert.match(text, new RegExp(`^CMD \\["node", "fargate/${name}/main\\.ts"\\]$`, 'm'));
    assert.ok(sources.includes(`fargate/${name}/main.ts`), `fargate/${name}/main.ts`);
    assert.match(text, /^USER node$/m);
  }
});
