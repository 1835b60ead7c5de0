/**
 * A whole Postfold as a user starts it: the real command in its own process, on free loopback
 * ports and a data folder of its own. Tests talk to it with real clients only.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..', '..');
const standardPorts = {
  smtp: 25,
  pop3: 110,
  imap: 143,
  submissions: 465,
  submission: 587,
  imaps: 993,
  pop3s: 995,
};
const startTimeoutMs = 30_000;

export const password = 'correct horse battery';
export const alice = 'alice@example.test';
export const bob = 'bob@example.test';

export interface Postfold {
  readonly ports: Readonly<Record<keyof typeof standardPorts, number>>;
  readonly awsPort: number;
  readonly dataDir: string;
  /** Of the process. */
  readonly pid: number;
  /** All lines it has printed. */
  readonly output: readonly string[];
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface StartSettings {
  readonly options?: readonly string[];
  readonly dataDir?: string;
  readonly portOffset?: number;
  readonly awsPort?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL after so long, ready or not. */
  readonly killAfterMs?: number;
}

/** Starts it and waits for `postfold ready`. */
export async function startPostfold(settings: StartSettings = {}): Promise<Postfold> {
  const dataDir = settings.dataDir ?? mkdtempSync(join(tmpdir(), 'postfold-'));
  const offset = settings.portOffset ?? (await freePortOffset());
  const awsPort = settings.awsPort ?? (await freePort());
  const options = [
    '--data',
    dataDir,
    '--port-offset',
    `${offset}`,
    '--aws-port',
    `${awsPort}`,
    ...(settings.options ?? []),
  ];
  const child = spawn(process.execPath, [join(root, 'bin/postfold.ts'), 'start', ...options], {
    env: { ...process.env, POSTFOLD_DEMO_PASSWORD: password, ...settings.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  if (settings.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), settings.killAfterMs);
  await readyLine(child, output);
  const ports = Object.fromEntries(
    Object.entries(standardPorts).map(([name, port]) => [name, port + offset]),
  );
  return {
    ports: ports as Postfold['ports'],
    awsPort,
    dataDir,
    pid: child.pid ?? 0,
    output,
    stop: () => ended(child, 'SIGTERM'),
    kill: async () => {
      await ended(child, 'SIGKILL');
    },
  };
}

/** Starts it and takes it down with its data afterwards; `after` is node:test's, or a test's own. */
export async function postfoldFor(
  after: (done: () => Promise<void>) => void,
  settings: StartSettings = {},
): Promise<Postfold> {
  const postfold = await startPostfold(settings);
  after(async () => {
    await postfold.stop();
    rmSync(postfold.dataDir, { recursive: true, force: true });
  });
  return postfold;
}

/** Runs the command line to its end. */
export function runPostfold(
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return run(process.execPath, [join(root, 'bin/postfold.ts'), ...args], input);
}

/** Runs a program to its end; at most a minute. */
export function run(
  command: string,
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: 60_000 });
    const texts = { stdout: '', stderr: '' };
    child.stdout.setEncoding('latin1').on('data', (text) => (texts.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (texts.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
    child.stdin.on('error', () => {}); // a program that does not read its input closes it
    child.stdin.end(input);
  });
}

/** A reason to skip where the program is not installed; false where it is. */
export async function missing(command: string): Promise<string | false> {
  const { code } = await run('sh', ['-c', `command -v ${command}`]);
  return code === 0 ? false : `${command} is not installed`;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      server.close(() => resolve(address.port));
    });
  });
}

/** An offset at which all seven standard ports are free just now. */
async function freePortOffset(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(Object.values(standardPorts).map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free range of ports in 50 attempts');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function readyLine(child: ChildProcess, output: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${why}; it printed:\n${output.join('\n')}`));
    };
    const timer = setTimeout(() => fail('postfold was not ready in time'), startTimeoutMs);
    child.once('exit', (code) => fail(`postfold ended with ${code}`));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line);
        if (!line.startsWith('postfold ready')) return;
        clearTimeout(timer);
        child.removeAllListeners('exit');
        resolve();
      });
    }
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}
