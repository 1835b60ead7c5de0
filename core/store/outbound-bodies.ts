/** The OutboundBodies port on table Outbound, whose job ids begin with the message id. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { MessageId, TenantId } from '../mail/ids.ts';
import type { OutboundBodies } from '../mail/ports/outbound-bodies.ts';

export class DynamoOutboundBodies implements OutboundBodies {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async names(tenant: TenantId, messageId: MessageId): Promise<boolean> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'tenant = :tenant AND begins_with(jobId, :id)',
        FilterExpression: '#state = :queued',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: marshall({
          ':tenant': tenant,
          ':id': `${messageId}.`,
          ':queued': 'queued',
        }),
        ConsistentRead: true,
      },
    );
    for await (const { Items } of pages) if (Items !== undefined && Items.length > 0) return true;
    return false;
  }
}
