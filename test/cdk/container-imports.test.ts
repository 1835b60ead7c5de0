/** What the images run must be in the images: production packages and the copied folders alone. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Specifiers that Node loads at run time; `import type` is stripped. */
function loadedBy(path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const found = text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[\w*{][^'";]*?\sfrom\s+)?'([^']+)';/gm);
  return [...found].map((match) => match[1] ?? '');
}

/** Files reached from the server's start, and the packages that they load. */
function reachable(start: string): {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
} {
  const files = new Set([start]);
  const packages = new Set<string>();
  for (const file of files)
    for (const specifier of loadedBy(file)) {
      if (specifier.startsWith('.')) files.add(join(file, '..', specifier));
      else if (!isBuiltin(specifier))
        packages.add(
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  return { files, packages };
}

for (const name of ['smtp', 'pop3', 'imap']) {
  test(`the ${name} server finds all it loads in its image`, () => {
    const { files, packages } = reachable(`fargate/${name}/main.ts`);
    assert.ok(files.size > 30 && packages.has('@aws-sdk/client-dynamodb'), 'imports are followed');
    for (const file of files) {
      assert.match(file, /^(core|fargate)\//);
      assert.doesNotMatch(file, /\.test\.ts$|\/testdata\//);
      assert.ok(existsSync(join(root, file)), file);
    }
    for (const one of packages) assert.ok(one in dependencies, `${one} is no production package`);
  });

  test(`the ${name} image starts its server, without root`, () => {
    const text = readFileSync(join(root, 'fargate', name, 'Dockerfile'), 'utf8');
    assert.match(text, new RegExp(`^CMD \\["node", "fargate/${name}/main\\.ts"\\]$`, 'm'));
    assert.match(text, /^USER node$/m);
  });
}
