/**
 * The LogStore port on table Log: an append is one conditional put, a lost race brings the
 * winner with it. Knows entries only as items (entry-codec.ts); docs/log.md.
 */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Entry } from '../mail/account/entry.ts';
import { decodeEntry, type EntryItem, encodeEntry } from '../mail/account/entry-codec.ts';
import { type AccountKey, type ModSeq, partitionKey } from '../mail/ids.ts';
import type { Appended, LogStore } from '../mail/ports/log-store.ts';
import type { LogTrimmer } from '../mail/ports/log-trimmer.ts';
import { fromAttributes, toAttributes } from './attributes.ts';

type Item = Record<string, AttributeValue>;

/** BatchWriteItem takes 25 requests. */
const batchWrites = 25;
/** Rounds for what a throttled batch left over. */
const maxRounds = 8;

export class DynamoLogStore implements LogStore, LogTrimmer {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async head(account: AccountKey): Promise<Entry | undefined> {
    const items = await this.#query(account, 0, { ScanIndexForward: false, Limit: 1 });
    return items.Items?.[0] === undefined ? undefined : entryOf(items.Items[0]);
  }

  async append(account: AccountKey, entry: Entry): Promise<Appended> {
    const Item = toAttributes({ account: partitionKey(account), ...encodeEntry(entry) });
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item,
          ConditionExpression: 'attribute_not_exists(modSeq)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { won: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const winner = entryOf(error.Item ?? (await this.#get(account, entry.modSeq)));
      // An earlier try of this very put, whose answer was lost.
      return winner.entryId === entry.entryId ? { won: true } : { won: false, winner };
    }
  }

  async read(account: AccountKey, after: ModSeq | 0, limit: number): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    let start: Item | undefined;
    do {
      const Limit = limit - entries.length;
      const page = await this.#query(account, after, { Limit, ExclusiveStartKey: start });
      for (const item of page.Items ?? []) entries.push(entryOf(item));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && entries.length < limit);
    return entries;
  }

  async trim(account: AccountKey, through: ModSeq, limit: number): Promise<number> {
    const page = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'account = :account AND modSeq <= :through',
        ExpressionAttributeValues: toAttributes({ ':account': partitionKey(account), ':through': through }),
        ProjectionExpression: 'account, modSeq',
        Limit: limit,
      }),
    );
    const keys = page.Items ?? [];
    for (let at = 0; at < keys.length; at += batchWrites)
      await this.#deleteBatch(keys.slice(at, at + batchWrites));
    return keys.length;
  }

  async #get(account: AccountKey, modSeq: ModSeq): Promise<Item> {
    const Key = toAttributes({ account: partitionKey(account), modSeq });
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true }),
    );
    if (Item === undefined) throw new Error(`log entry ${modSeq} was there and is not`);
    return Item;
  }

  #query(
    account: AccountKey,
    after: number,
    options: { Limit: number; ScanIndexForward?: boolean; ExclusiveStartKey?: Item | undefined },
  ) {
    return this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'account = :account AND modSeq > :after',
        ExpressionAttributeValues: {
          ':account': { S: partitionKey(account) },
          ':after': { N: String(after) },
        },
        ConsistentRead: true,
        ...options,
      }),
    );
  }

  async #deleteBatch(keys: readonly Item[]): Promise<void> {
    let left: WriteRequest[] = keys.map((Key) => ({ DeleteRequest: { Key } }));
    for (let round = 0; round < maxRounds && left.length > 0; round++) {
      const { UnprocessedItems } = await this.#client.send(
        new BatchWriteItemCommand({ RequestItems: { [this.#table]: left } }),
      );
      left = UnprocessedItems?.[this.#table] ?? [];
    }
    if (left.length > 0) throw new Error('the table is too busy to delete entries');
  }
}

function entryOf(item: Item): Entry {
  const { account: _, ...stored } = fromAttributes(item);
  return decodeEntry(stored as EntryItem);
}
