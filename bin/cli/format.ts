/** What people read: tables, sizes, times. Pure. */

/** Columns padded to their widest cell, with a header line; only the header when there is no row. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  return all.map((row) => line(row, widths)).join('\n');
}

/** `name  value` lines; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const told = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const width = Math.max(...told.map(([name]) => name?.length ?? 0));
  return told.map((pair) => line(pair, [width, 0])).join('\n');
}

/** 5000000000 as '5 GB' (powers of 1000). */
export function size(bytes: number): string {
  for (const [unit, name] of [
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'KB'],
  ] as const) {
    if (bytes >= unit) return `${Number((bytes / unit).toFixed(1))} ${name}`;
  }
  return `${bytes} B`;
}

/** A quota: 0 stands for none. */
export function quota(bytes: number): string {
  return bytes === 0 ? 'none' : size(bytes);
}

/** '2026-11-23 14:05Z' */
export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map(
    (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)),
  );
  return padded.join('  ').trimEnd();
}
