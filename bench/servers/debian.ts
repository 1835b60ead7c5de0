/**
 * Packages of Debian for the peers: installed where that starts nothing, or unpacked beside the
 * system. Knows apt and dpkg; must not know what the packages are for.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine } from './daemon.ts';

const limitMs = 300_000;
/** Where systemd runs, a mail server that is installed is started as well, and listens to the world. */
const systemd = '/run/systemd/system';
/** Keeps packages from asking, and from starting what they bring. */
const quiet = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

/**
 * The first line that a command prints. Where there is no such command its packages are installed
 * before, for good, by root in a container; elsewhere not, since daemons would be started.
 */
export function lineFrom(
  packages: readonly string[],
  command: string,
  ...args: readonly string[]
): { readonly line: string } | { readonly hint: string } {
  const there = firstLine(command, ...args);
  if (there !== undefined) return { line: there };
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || existsSync(systemd)) return { hint: `not installed: ${byHand}` };
  const failure = withLists(() => run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]));
  const line = firstLine(command, ...args);
  return line === undefined ? { hint: `${byHand} fails: ${failure ?? `no ${command}`}` } : { line };
}

/**
 * Unpacks `packages`, with what they depend on and the system lacks, into `folder`/root. Nothing is
 * installed, so a package may conflict with one that is. Gives the version of the first.
 */
export function unpackPackages(
  folder: string,
  packages: readonly string[],
): { readonly root: string; readonly version: string } | { readonly hint: string } {
  const root = join(folder, 'root');
  const debs = join(folder, 'debs');
  for (const each of [root, debs]) mkdirSync(each);
  const failure =
    withLists(() => run('apt-get', ['download', ...withDependencies(packages)], debs)) ??
    readdirSync(debs)
      .map((deb) => run('dpkg', ['-x', join(debs, deb), root]))
      .find((outcome) => outcome !== undefined);
  if (failure !== undefined) return { hint: `apt-get download ${packages.join(' ')} fails: ${failure}` };
  const version = readdirSync(debs)
    .map((deb) => deb.split('_'))
    .find(([name]) => name === packages[0])?.[1];
  return { root, version: version ?? 'unknown' };
}

/** As apt would install them: a line `Inst name (version ...` for what is new, with `[old]` for what is there. */
function withDependencies(packages: readonly string[]): readonly string[] {
  const args = ['--simulate', 'install', '--no-install-recommends', ...packages];
  const { stdout } = spawnSync('apt-get', args, { encoding: 'utf8', timeout: limitMs });
  return [...new Set([...packages, ...newOnes(stdout ?? '')])];
}

export function newOnes(simulated: string): readonly string[] {
  return [...simulated.matchAll(/^Inst (\S+) \(/gm)].map(([, name = '']) => name);
}

/** A fresh system has no package lists yet: when `work` fails they are fetched, and it is tried once more. */
function withLists(work: () => string | undefined): string | undefined {
  const failure = work();
  if (failure === undefined || process.getuid?.() !== 0) return failure;
  return run('apt-get', ['update']) ?? work();
}

/** The last line of what it complained about; undefined when all went well. */
function run(command: string, args: readonly string[], cwd?: string): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    encoding: 'utf8',
    timeout: limitMs,
    env: { ...process.env, ...quiet },
  });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit code ${status}`;
}
