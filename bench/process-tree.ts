/** What servers cost, from /proc: CPU time and memory of processes and all their descendants. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the unit of times in /proc, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/**
 * CPU milliseconds used so far by the trees under `roots`, in user and in kernel mode. A child
 * that ended is counted by whoever waited for it, so the difference of two readings misses nothing.
 */
export function cpuMsOf(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** Octets of memory of the trees; what processes share is divided among them (Pss). */
export function memoryOf(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, { pid }) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? '0';
    return sum + Number(kilobytes) * 1024;
  }, 0);
}

export function treeOf(roots: readonly number[]): readonly Entry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => entryOf(read(`/proc/${name}/stat`)))
    .filter((entry) => entry !== undefined);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found = all.filter(({ pid }) => roots.includes(pid));
  for (const { pid } of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** The name in parentheses may hold spaces, so fields are counted from its end (proc_pid_stat(5)). */
function entryOf(stat: string): Entry | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 15) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(fields[1]),
    cpuMs: (ticks * 1000) / ticksPerSecond,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended in between
  }
}
