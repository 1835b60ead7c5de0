/** A bill in words: one line for each operation on each table, bucket, queue or function. */
import type { Bill, MeterRow } from '../../local/meter.ts';

type Counts = { calls: number; requests: number; readUnits: number; writeUnits: number };

/** For example `2 Query Log, 2 RRU`. Tenants are put together; sorted, so that bills can be compared. */
export function billLines({ rows }: Bill): readonly string[] {
  const counts = new Map<string, Counts>();
  for (const row of rows) {
    const name = `${row.operation} ${placeOf(row)}`;
    const sum = counts.get(name) ?? { calls: 0, requests: 0, readUnits: 0, writeUnits: 0 };
    sum.calls += row.calls;
    sum.requests += row.requests;
    sum.readUnits += row.readUnits;
    sum.writeUnits += row.writeUnits;
    counts.set(name, sum);
  }
  return [...counts].map(([name, sum]) => `${name} x${sum.calls}${unitsOf(sum)}`).sort();
}

function placeOf({ service, resource }: MeterRow): string {
  return service === 's3' ? 'bucket' : resource.replace(/^postfold-/, '');
}

/** SQS counts a request for every 64 KB. */
function unitsOf({ calls, requests, readUnits, writeUnits }: Counts): string {
  const units = [
    ...(requests === calls ? [] : [`${requests} requests`]),
    ...(readUnits === 0 ? [] : [`${readUnits} RRU`]),
    ...(writeUnits === 0 ? [] : [`${writeUnits} WRU`]),
  ];
  return units.length === 0 ? '' : ` = ${units.join(', ')}`;
}
