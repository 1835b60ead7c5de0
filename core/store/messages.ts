/** The MessageStore port on table Messages: one item per account and message, written once. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type AccountKey, type MessageId, partitionKey } from '../mail/ids.ts';
import type { MessageRecord } from '../mail/message-record.ts';
import type { MessageStore } from '../mail/ports/message-store.ts';
import { toAttributes } from './attributes.ts';
import { itemOfRecord, recordOfItem } from './message-item.ts';

type Item = Record<string, AttributeValue>;

/** BatchGetItem takes 100 keys. */
const batchKeys = 100;
/** Batches asked for at once, when many records are read. */
const batchesInFlight = 8;
/** Rounds for keys that a full page or a throttled table left over. */
const maxRounds = 20;

export class DynamoMessageStore implements MessageStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async put(account: AccountKey, record: MessageRecord): Promise<MessageRecord | undefined> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: itemOfRecord(account, record),
          ConditionExpression: 'attribute_not_exists(messageId)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      if (error.Item !== undefined) return recordOfItem(error.Item);
      return (await this.get(account, [record.messageId])).get(record.messageId) ?? record;
    }
  }

  async get(account: AccountKey, ids: readonly MessageId[]): Promise<Map<MessageId, MessageRecord>> {
    const found = new Map<MessageId, MessageRecord>();
    const keep = (item: Item) => {
      const record = recordOfItem(item);
      found.set(record.messageId, record);
    };
    const unique = [...new Set(ids)];
    const key = (id: MessageId) => toAttributes({ account: partitionKey(account), messageId: id });
    await this.#batchGet(unique.map(key), false, keep);
    // Records never change, so the cheap read is wrong only where it finds nothing: those are asked for again.
    const missing = unique.filter((id) => !found.has(id));
    await this.#batchGet(missing.map(key), true, keep);
    return found;
  }

  async list(account: AccountKey, after: MessageId | '', limit: number): Promise<readonly MessageRecord[]> {
    const records: MessageRecord[] = [];
    let start: Item | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'account = :account AND messageId > :after',
          // An empty text is no key: '0' sorts before every id that has a time.
          ExpressionAttributeValues: toAttributes({
            ':account': partitionKey(account),
            ':after': after === '' ? '0' : after,
          }),
          Limit: limit - records.length,
          ExclusiveStartKey: start,
        }),
      );
      records.push(...(page.Items ?? []).map(recordOfItem));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && records.length < limit);
    return records;
  }

  async markReaped(account: AccountKey, id: MessageId): Promise<void> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: toAttributes({ account: partitionKey(account), messageId: id }),
          UpdateExpression: 'SET reaped = :true',
          ConditionExpression: 'attribute_exists(messageId)',
          ExpressionAttributeValues: { ':true': { BOOL: true } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async holding(accounts: readonly AccountKey[], id: MessageId): Promise<readonly AccountKey[]> {
    const holding = new Set<string>();
    const keys = accounts.map((account) => toAttributes({ account: partitionKey(account), messageId: id }));
    await this.#batchGet(keys, true, (item) => {
      if (item.reaped?.BOOL !== true && item.account?.S !== undefined) holding.add(item.account.S);
    });
    return accounts.filter((account) => holding.has(partitionKey(account)));
  }

  async delete(account: AccountKey, id: MessageId): Promise<void> {
    const Key = toAttributes({ account: partitionKey(account), messageId: id });
    await this.#client.send(new DeleteItemCommand({ TableName: this.#table, Key }));
  }

  async #batchGet(keys: Item[], consistent: boolean, keep: (item: Item) => void): Promise<void> {
    for (let at = 0; at < keys.length; at += batchKeys * batchesInFlight) {
      const some = keys.slice(at, at + batchKeys * batchesInFlight);
      const starts = Array.from(
        { length: Math.ceil(some.length / batchKeys) },
        (_, batch) => batch * batchKeys,
      );
      await Promise.all(
        starts.map((from) => this.#getBatch(some.slice(from, from + batchKeys), consistent, keep)),
      );
    }
  }

  async #getBatch(Keys: Item[], ConsistentRead: boolean, keep: (item: Item) => void): Promise<void> {
    let left = Keys;
    for (let round = 0; round < maxRounds && left.length > 0; round++) {
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [this.#table]: { Keys: left, ConsistentRead } } }),
      );
      for (const item of Responses?.[this.#table] ?? []) keep(item);
      left = UnprocessedKeys?.[this.#table]?.Keys ?? [];
    }
    if (left.length > 0) throw new Error('the table is too busy to read messages');
  }
}
