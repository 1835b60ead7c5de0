/**
 * The expiry sweep: what DynamoDB's TTL process does within days, done when called. Until
 * it has run, expired items are still read, as on AWS.
 */
import type { Context } from './context.ts';
import type { Table } from './tables.ts';
import { applyChange } from './write-item.ts';

/** Items that expired longer ago than this are left alone, as on AWS (five years). */
const MAX_AGE_SECONDS = 5 * 365 * 24 * 3600;
const BATCH = 500;

/** Deletes the items whose expiry has passed, in all tables; resolves with their number when durable. */
export async function sweepExpired(context: Context): Promise<number> {
  let swept = 0;
  for (const table of context.tables.all()) {
    if (table.definition.ttlAttribute !== undefined) swept += await sweepTable(context, table);
  }
  return swept;
}

async function sweepTable(context: Context, table: Table): Promise<number> {
  const now = Math.floor(context.clock.now() / 1000);
  let swept = 0;
  for (;;) {
    // The table may have been dropped while the batch before was committed.
    if (!context.tables.all().some(({ id }) => id === table.id)) return swept;
    const rows = table.rows.expired(now - MAX_AGE_SECONDS, now, BATCH);
    if (rows.length === 0) return swept;
    await context.storage.write(() => {
      for (const row of rows) applyChange({ table, key: row, old: row, item: undefined, size: 0 });
    });
    swept += rows.length;
  }
}
