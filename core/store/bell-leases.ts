/**
 * Who wants to be rung for an account: leases in table Directory, beside the account, as items
 * `bell#<account>#<url>`. They run out by themselves (`expiresAt`, TTL) when a task dies.
 */
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AccountKey } from '../mail/ids.ts';
import type { BellLease, BellLeases } from '../mail/ports/doorbell.ts';

/** Tasks that may hold one account; more are not rung and find out by themselves. */
const maxHolders = 50;

export class DynamoBellLeases implements BellLeases {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, directoryTable: string) {
    this.#client = client;
    this.#table = directoryTable;
  }

  async put(account: AccountKey, lease: BellLease, untilMs: number): Promise<void> {
    const expiresAt = Math.ceil(untilMs / 1000);
    const Item = marshall({ ...keyOf(account, lease.url), url: lease.url, token: lease.token, expiresAt });
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }

  async delete(account: AccountKey, lease: BellLease): Promise<void> {
    const Key = marshall(keyOf(account, lease.url));
    await this.#client.send(new DeleteItemCommand({ TableName: this.#table, Key }));
  }

  /** One page, at most 1 MB: leases that ran out stay until TTL removes them, and must not hide those that hold. */
  async list(account: AccountKey, nowMs: number): Promise<readonly BellLease[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'tenant = :tenant AND begins_with(#item, :prefix)',
        ExpressionAttributeNames: { '#item': 'item' },
        ExpressionAttributeValues: marshall({ ':tenant': account.tenant, ':prefix': prefixOf(account) }),
      }),
    );
    return Items.map((item) => unmarshall(item) as BellLease & { readonly expiresAt: number })
      .filter(({ expiresAt }) => expiresAt * 1000 > nowMs)
      .slice(0, maxHolders)
      .map(({ url, token }) => ({ url, token }));
  }
}

function prefixOf({ account }: AccountKey): string {
  return `bell#${account}#`;
}

function keyOf(account: AccountKey, url: string): { readonly tenant: string; readonly item: string } {
  return { tenant: account.tenant, item: `${prefixOf(account)}${url}` };
}
