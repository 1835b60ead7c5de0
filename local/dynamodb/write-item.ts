/**
 * The one way an item changes: checks against limits and indexes first, then rows and
 * index rows, with the units this costs. Put, update, delete, batches, transactions and
 * the expiry sweep all write through here.
 */

import { writeUnits } from './capacity.ts';
import type { IndexDefinition } from './definition.ts';
import { validation } from './errors.ts';
import { project } from './expression/projection.ts';
import { checkIndexKey, type Key, keyAttributes, keyInIndex } from './keys.ts';
import type { IndexEntry, Row } from './rows.ts';
import type { Table } from './tables.ts';
import { type Item, itemSize, MAX_ITEM_BYTES, member, valuesEqual } from './values.ts';

/** A change that has passed its checks. */
export interface Change {
  readonly table: Table;
  readonly key: Key;
  readonly old: Row | undefined;
  /** Undefined deletes. */
  readonly item: Item | undefined;
  readonly size: number;
}

/** Units of a write: of the table, and of each index it touched. */
export interface WriteCost {
  readonly table: number;
  readonly indexes: readonly { readonly name: string; readonly units: number }[];
}

/** Checks a new item of a table against the size limit and the index keys. Nothing is written. */
export function checkNewItem(table: Table, item: Item, tooLarge: string): number {
  const size = itemSize(item);
  if (size > MAX_ITEM_BYTES) throw validation(tooLarge);
  for (const index of table.definition.indexes) {
    checkIndexKey(index, item);
    keyInIndex(index, item);
  }
  return size;
}

/** Writes a change; to be called inside `storage.write`, after all checks of the request. */
export function applyChange(change: Change): WriteCost {
  const { table, key, old, item, size } = change;
  const id = applyRow(change);
  const cost = Math.max(writeUnits(old?.size ?? 0), writeUnits(size));
  if (table.definition.indexes.length === 0 || id === undefined) return { table: cost, indexes: [] };
  const before = old === undefined ? undefined : (JSON.parse(old.item) as Item);
  const indexes = table.definition.indexes.map((index, at) => {
    const from = before === undefined ? undefined : indexEntry(table, index, before);
    const to = item === undefined ? undefined : indexEntry(table, index, item);
    return { name: index.name, units: changeIndex(table, at, id, key, from, to) };
  });
  return { table: cost, indexes: indexes.filter(({ units }) => units > 0) };
}

/** The units a write of these sizes costs when its condition fails. */
export function failedCost(oldSize: number, newSize: number): number {
  return Math.max(writeUnits(oldSize), writeUnits(newSize));
}

/** Expiry in whole seconds for the sweep; null when the item has none. */
export function expiryOf(ttlAttribute: string | undefined, item: Item): number | null {
  if (ttlAttribute === undefined) return null;
  const value = member(item, ttlAttribute);
  if (value === undefined || !('N' in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) ? seconds : null;
}

/** The attributes that an index holds, unless it holds all: its keys, the table's, and those it includes. */
export function projectedNames(table: Table, index: IndexDefinition): string[] {
  const keys = [...keyAttributes(table.definition.schema), ...keyAttributes(index)];
  return [...new Set([...keys.map(({ name }) => name), ...index.attributes])];
}

function applyRow({ table, key, old, item, size }: Change): number | undefined {
  if (item === undefined) {
    if (old !== undefined) table.rows.delete(old.id);
    return old?.id;
  }
  const expires = expiryOf(table.definition.ttlAttribute, item);
  const text = JSON.stringify(item);
  if (old === undefined) return table.rows.insert(key, text, size, expires);
  table.rows.update(old.id, text, size, expires);
  return old.id;
}

interface Entry extends IndexEntry {
  readonly projected: Item;
}

function indexEntry(table: Table, index: IndexDefinition, item: Item): Entry | undefined {
  const key = keyInIndex(index, item);
  if (key === undefined) return undefined;
  const projected =
    index.projection === 'ALL'
      ? item
      : project(
          item,
          projectedNames(table, index).map((name) => [name]),
        );
  return { ...key, projected, item: JSON.stringify(projected), size: itemSize(projected) };
}

/** A moved entry is a delete and a put; an unchanged one costs nothing. */
function changeIndex(
  table: Table,
  at: number,
  id: number,
  base: Key,
  from: Entry | undefined,
  to: Entry | undefined,
): number {
  if (to === undefined) {
    if (from === undefined) return 0;
    table.rows.deleteIndex(at, id);
    return writeUnits(from.size);
  }
  if (from !== undefined && valuesEqual({ M: from.projected }, { M: to.projected })) return 0;
  table.rows.putIndex(at, id, base, to);
  if (from === undefined) return writeUnits(to.size);
  const moved = Buffer.compare(from.pk, to.pk) !== 0 || Buffer.compare(from.sk, to.sk) !== 0;
  if (moved) return writeUnits(from.size) + writeUnits(to.size);
  return Math.max(writeUnits(from.size), writeUnits(to.size));
}
