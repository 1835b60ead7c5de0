/** The ReapCursors port on table Directory: items `reap#<name>` under the tenant. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { TenantId } from '../mail/ids.ts';
import type { ReapCursors } from '../mail/ports/reap-cursors.ts';

export class DynamoReapCursors implements ReapCursors {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async get(tenant: TenantId, name: string): Promise<string | undefined> {
    const Key = marshall({ tenant, item: `reap#${name}` });
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key }));
    return Item?.value?.S;
  }

  async put(tenant: TenantId, name: string, value: string): Promise<void> {
    const Item = marshall({ tenant, item: `reap#${name}`, value });
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }
}
