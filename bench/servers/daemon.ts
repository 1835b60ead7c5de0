/** Starting and ending servers: child processes, pid files, free ports, and waiting with a limit. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const startLimitMs = 20_000;
const endLimitMs = 15_000;

/** Starts a process whose output goes to a file. */
export function launch(
  command: string,
  args: readonly string[],
  logFile: string,
  options: Pick<SpawnOptions, 'env' | 'cwd'> = {},
): ChildProcess & { readonly pid: number } {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], ...options });
  closeSync(log);
  child.on('error', () => {}); // says so by its missing pid
  if (child.pid === undefined) throw new Error(`${command} cannot be started`);
  return Object.assign(child, { pid: child.pid });
}

/** SIGTERM, and SIGKILL for who does not listen. */
export async function end(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await within(endLimitMs, () => !alive(pid))) return;
  signal(pid, 'SIGKILL');
}

export function alive(pid: number): boolean {
  // A child of ours that ended stays in the table until Node has waited for it.
  return signal(pid, 0) && !/^\d+ \(.*\) Z/.test(readOr(`/proc/${pid}/stat`, ''));
}

/** Throws with the end of the log when the port does not open. */
export async function untilOpen(port: number, logFile: string): Promise<void> {
  if (await within(startLimitMs, () => answers(port))) return;
  throw new Error(`nothing listens on port ${port}:\n${tailOf(logFile)}`);
}

export async function within(limitMs: number, done: () => boolean | Promise<boolean>): Promise<boolean> {
  const limit = performance.now() + limitMs;
  while (!(await done())) {
    if (performance.now() > limit) return false;
    await sleep(50);
  }
  return true;
}

export function tailOf(file: string): string {
  return readOr(file, '').split('\n').slice(-12).join('\n');
}

export function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

/** The first line that a command prints; undefined when there is no such command. */
export function firstLine(command: string, ...args: readonly string[]): string | undefined {
  const { stdout, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 });
  return error === undefined ? stdout.split('\n')[0] : undefined;
}

/** Ports that nobody listens on, below those that the system gives to outgoing connections. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let port = 12_000 + (process.pid % 8000); found.length < count; port += 1) {
    if (port > 32_000) throw new Error('no free ports');
    if (await isFree(port)) found.push(port);
  }
  return found;
}

/** An offset at which all of `ports` are free. */
export async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let offset = 21_000 + (process.pid % 5000); offset < 31_000; offset += 7) {
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
