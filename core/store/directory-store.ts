/**
 * The DirectoryStore port on DynamoDB: table Routes (key `address`) and table Directory
 * (`tenant`, `item`). Every record carries a random `rev` that each write renews, so that a
 * transaction can tell whether what it was decided on still stands. Knows no mail rules.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TenantId } from '../mail/ids.ts';
import {
  type Change,
  type DirectoryRecord,
  type DirectoryStore,
  itemOf,
  type Route,
  type Stored,
} from '../mail/ports/directory-store.ts';

export interface DirectoryTables {
  readonly routes: string;
  readonly directory: string;
}

type Item = { readonly [attribute: string]: AttributeValue };

/** BatchGetItem takes 100 keys. */
const batchKeys = 100;
/** Rounds for keys that a throttled batch left over. */
const maxRounds = 8;
/** Partition of Directory that lists the tenants; no tenant can have this name. */
const tenantsPartition = '#tenants' as TenantId;

export class DynamoDirectoryStore implements DirectoryStore {
  readonly #client: DynamoDBClient;
  readonly #tables: DirectoryTables;
  readonly #newRev: () => string;

  /** `newRev` gives a random, never repeated text. */
  constructor(client: DynamoDBClient, tables: DirectoryTables, newRev: () => string) {
    this.#client = client;
    this.#tables = tables;
    this.#newRev = newRev;
  }

  async routes(keys: readonly string[], consistent: boolean): Promise<Map<string, Stored<Route>>> {
    const found = new Map<string, Stored<Route>>();
    for (let from = 0; from < keys.length; from += batchKeys) {
      for (const item of await this.#batch(keys.slice(from, from + batchKeys), consistent)) {
        const { address, ...route } = unmarshall(item);
        found.set(String(address), route as Stored<Route>);
      }
    }
    return found;
  }

  async record(tenant: TenantId, item: string): Promise<Stored<DirectoryRecord> | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#tables.directory,
        Key: marshall({ tenant, item }),
        ConsistentRead: true,
      }),
    );
    return Item ? recordOf(Item) : undefined;
  }

  async *records(tenant: TenantId, prefix: string): AsyncGenerator<Stored<DirectoryRecord>> {
    for await (const item of this.#query(tenant, prefix)) yield recordOf(item);
  }

  async *tenants(): AsyncGenerator<TenantId> {
    for await (const { item } of this.#query(tenantsPartition, '')) {
      if (item?.S !== undefined) yield item.S as TenantId;
    }
  }

  async commit(changes: readonly Change[]): Promise<boolean> {
    const TransactItems = changes.flatMap((change) => this.#actions(change));
    try {
      await this.#client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (lostRace(error)) return false;
      throw new Error('could not change the directory', { cause: error });
    }
  }

  async #batch(keys: readonly string[], consistent: boolean): Promise<Item[]> {
    const table = this.#tables.routes;
    const items: Item[] = [];
    let left: Record<string, AttributeValue>[] = keys.map((address) => marshall({ address }));
    for (let round = 0; left.length > 0; round += 1) {
      if (round === maxRounds) throw new Error(`table ${table} keeps throttling`);
      const answer = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: consistent } } }),
      );
      items.push(...(answer.Responses?.[table] ?? []));
      left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return items;
  }

  async *#query(tenant: TenantId, prefix: string): AsyncGenerator<Item> {
    const begins = prefix === '' ? '' : ' AND begins_with(#item, :prefix)';
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#tables.directory,
        KeyConditionExpression: `#tenant = :tenant${begins}`,
        ExpressionAttributeNames: { '#tenant': 'tenant', ...(begins === '' ? {} : { '#item': 'item' }) },
        ExpressionAttributeValues: marshall({
          ':tenant': tenant,
          ...(begins === '' ? {} : { ':prefix': prefix }),
        }),
        ConsistentRead: true,
      },
    );
    for await (const page of pages) yield* page.Items ?? [];
  }

  #actions(change: Change): TransactWriteItem[] {
    if (change.table === 'routes') {
      return [this.#action(this.#tables.routes, { address: change.key }, change.was, change.now)];
    }
    const record = change.now ?? change.was;
    if (!record) return [];
    const key = { tenant: record.tenant, item: itemOf(record) };
    const action = this.#action(this.#tables.directory, key, change.was, change.now);
    // A removed tenant stays listed, so that what its removed accounts left behind is still reaped.
    return change.now?.kind === 'tenant' && !change.was ? [action, this.#listing(record.tenant)] : [action];
  }

  #action(
    TableName: string,
    key: { readonly [name: string]: string },
    was: Stored<Route | DirectoryRecord> | undefined,
    now: Route | DirectoryRecord | undefined,
  ): TransactWriteItem {
    const condition = was
      ? {
          ConditionExpression: '#rev = :rev',
          ExpressionAttributeNames: { '#rev': 'rev' },
          ExpressionAttributeValues: marshall({ ':rev': was.rev }),
        }
      : { ConditionExpression: 'attribute_not_exists(#rev)', ExpressionAttributeNames: { '#rev': 'rev' } };
    if (now === was) return { ConditionCheck: { TableName, Key: marshall(key), ...condition } };
    if (!now) return { Delete: { TableName, Key: marshall(key), ...condition } };
    const item = { ...now, ...key, rev: this.#newRev() };
    return { Put: { TableName, Item: marshall(item, { removeUndefinedValues: true }), ...condition } };
  }

  /** The tenant's line in the list of tenants. */
  #listing(tenant: TenantId): TransactWriteItem {
    return {
      Put: { TableName: this.#tables.directory, Item: marshall({ tenant: tenantsPartition, item: tenant }) },
    };
  }
}

function recordOf(item: Item): Stored<DirectoryRecord> {
  const { item: _sortKey, ...record } = unmarshall(item);
  return record as Stored<DirectoryRecord>;
}

/** A record was changed by somebody else, before or during our transaction. */
function lostRace(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
  return codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict');
}
