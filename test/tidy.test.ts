/**
 * The house rules that a machine can hold: file names, heads and sizes, who may import whom,
 * words that have no place in the project, and pages that must name what is there. Each rule is
 * one test over all files.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { capabilitiesOf } from '../core/protocol/imap/capabilities.ts';
import { handlers } from '../core/protocol/imap/handlers.ts';

const root = join(import.meta.dirname, '..');
const sources = globSync('{bin,lib,lambdas,fargate,core,local,test,bench}/**/*.ts', { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const product = sources.filter(({ path }) => !path.endsWith('.test.ts') && !path.startsWith('test/'));

/** Folder -> what it may import, most specific folder first. `sdk` and `cdk` stand for the packages. */
const mayImport: readonly (readonly [string, readonly string[]])[] = [
  ['core/mail', ['core/mail']],
  ['core/auth', ['core/auth', 'core/mail']],
  ['core/protocol/wire', ['core/protocol/wire', 'core/mail']],
  ['core/protocol/smtp', ['core/protocol/smtp', 'core/protocol/wire', 'core/mail', 'core/auth']],
  [
    'core/protocol/pop3',
    ['core/protocol/pop3', 'core/protocol/wire', 'core/mail', 'core/auth', 'core/service'],
  ],
  [
    'core/protocol/imap',
    ['core/protocol/imap', 'core/protocol/wire', 'core/mail', 'core/auth', 'core/service'],
  ],
  [
    'core/service',
    [
      'core/service',
      'core/mail',
      'core/auth',
      'core/protocol/smtp/backend.ts',
      'core/protocol/smtp/reply.ts',
    ],
  ],
  ['core/store', ['core/store', 'core/mail', 'core/auth', 'core/service', 'sdk']],
  ['fargate', ['fargate', 'core']],
  ['lambdas', ['lambdas', 'core']],
  ['lib', ['lib', 'cdk']],
  ['local', ['local']],
];

test('the sources are there', () => {
  assert.ok(sources.length > 50, `only ${sources.length} files found`);
});

test('file names are kebab-case', () => {
  assertNone(sources.filter(({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(basename(path))));
});

test('a file has at most 400 lines', () => {
  assertNone(sources.filter(({ text }) => text.split('\n').length > 401));
});

test('a file says at its head what it is', () => {
  assertNone(product.filter(({ text }) => !/^(#![^\n]*\n)?\s*\/(\*\*|\/)/.test(text)));
});

test('a Lambda handler has at most 40 lines', () => {
  assertNone(
    sources.filter(
      ({ path, text }) => /^lambdas\/.*\/handler\.ts$/.test(path) && text.split('\n').length > 41,
    ),
  );
});

test('imports stay inside the layers', () => {
  const broken = product.flatMap(({ path, text }) =>
    importsOf(text)
      .map((specifier) => target(path, specifier))
      .filter((to) => to !== undefined && !allowed(path, to))
      .map((to) => `${path} imports ${to}`),
  );
  assert.deepEqual(broken, []);
});

test('relative imports end in .ts', () => {
  const broken = sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('.ts'))
      .map((specifier) => `${path}: ${specifier}`),
  );
  assert.deepEqual(broken, []);
});

test('no any-escape, no suppressed check', () => {
  const banned = [/@ts-(ignore|nocheck|expect-error)/, /\bas any\s*[;,)\]}]/, /: any\s*[;,)=|]/];
  const self = 'test/tidy.test.ts';
  assertNone(
    sources.filter(({ path, text }) => path !== self && banned.some((pattern) => pattern.test(text))),
  );
});

const pages = globSync('{*.md,{docs,local}/**/*.md}', { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

test('the links of every page lead to a file', () => {
  const broken = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  );
  assert.ok(pages.length > 10, `only ${pages.length} pages found`);
  assert.deepEqual(broken, []);
});

test('the files and folders that pages name are there', () => {
  const named = /`((?:bin|lib|lambdas|fargate|core|local|test|bench|docs)\/[\w./-]*)`/g;
  const missing = pages.flatMap(({ path, text }) =>
    [...text.matchAll(named)]
      .map((match) => match[1] ?? '')
      .filter((name) => !existsSync(join(root, name)))
      .map((name) => `${path}: ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('a flow reads through at most 8 files', () => {
  const flows = pageNamed('docs/flow.md').split(/^## /m).slice(1);
  assert.ok(flows.length >= 4);
  for (const flow of flows) {
    const files = flow.split('\n').filter((line) => /^\d+\. `[^`]+\.ts`/.test(line));
    assert.ok(files.length >= 1 && files.length <= 8, `${flow.split('\n')[0]}: ${files.length} files`);
  }
});

test('every RFC that the code cites stands in docs/rfcs.md with yes, partial or no', () => {
  const rows = pageNamed('docs/rfcs.md').matchAll(/^\| ([\d, ]+) \|[^|]+\| (?:yes|partial|no) \|/gm);
  const listed = new Set([...rows].flatMap((row) => (row[1] ?? '').split(/, */)));
  const cited = product.flatMap(({ text }) =>
    [...text.matchAll(/RFC (\d+)/g)].map((match) => match[1] ?? ''),
  );
  assert.ok(listed.size > 50 && cited.length > 50);
  const missing = [...new Set(cited)].filter((number) => !listed.has(number));
  assert.deepEqual(missing, []);
});

test('every IMAP capability that is offered stands in docs/rfcs.md by name', () => {
  const text = pageNamed('docs/rfcs.md');
  const missing = capabilitiesOf(handlers).filter((name) => !text.includes(name));
  assert.deepEqual(missing, []);
});

test('the project speaks of itself alone', () => {
  // Split, so that this file does not hold what it looks for.
  const banned = [
    '/wo' + 'rk/',
    '/tm' + 'p/pf',
    'regis' + 'try.npmjs',
    'npm' + 'mirror',
    'arti' + 'factory',
    'help' + 'er',
  ];
  const files = [
    ...sources,
    ...pages,
    ...['package.json', 'biome.json', 'cdk.json', 'tsconfig.json'].map(file),
  ];
  const told = files.flatMap(({ path, text }) =>
    banned.filter((word) => text.toLowerCase().includes(word)).map((word) => `${path}: ${word}`),
  );
  assert.deepEqual(told, []);
});

test('the lock file names no place that packages came from', () => {
  assert.doesNotMatch(file('package-lock.json').text, /"resolved"/);
});

function file(path: string): { readonly path: string; readonly text: string } {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

function pageNamed(path: string): string {
  const page = pages.find((one) => one.path === path);
  assert.ok(page, `${path} is there`);
  return page.text;
}

function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/^(?:import|export)\b[^'"\n;]*(?:\{[^}]*\}[^'"\n;]*)?['"]([^'"]+)['"]/gm)].map(
    (match) => match[1] ?? '',
  );
}

/** A path from the root for a relative import, `sdk` or `cdk` for those packages, undefined for all others. */
function target(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(path), specifier));
  if (specifier.startsWith('@aws-sdk/') || specifier.startsWith('@smithy/')) return 'sdk';
  return /^(aws-cdk-lib|constructs)(\/|$)/.test(specifier) ? 'cdk' : undefined;
}

function allowed(path: string, to: string): boolean {
  const rule = mayImport.find(([folder]) => path.startsWith(`${folder}/`));
  if (rule === undefined) return true;
  if (path.startsWith('local/') && to === 'sdk') return true; // its in-process face answers in the SDK's own response class
  if (path.startsWith('lib/') && /^(lambdas|fargate)\/.*settings\.ts$/.test(to)) return true; // the types of a deployable, never its code
  return rule[1].some((prefix) => to === prefix || to.startsWith(`${prefix}/`));
}

function assertNone(found: readonly { readonly path: string }[]): void {
  assert.deepEqual(
    found.map(({ path }) => path),
    [],
  );
}
