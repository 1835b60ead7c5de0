/**
 * The victim of the kill test: opens the cloud in the folder it is given, writes without
 * end, and prints each name once its write was acknowledged.
 */
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { openCloud } from '../cloud.ts';

const dataDir = process.argv[2];
const cloud = await openCloud({ dataDir });
const s3 = new S3Client({ ...cloud.clientConfig, forcePathStyle: true });
const sqs = new SQSClient(cloud.clientConfig);
const dynamodb = new DynamoDBClient(cloud.clientConfig);

await s3.send(new CreateBucketCommand({ Bucket: 'kill' }));
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'kill' }));
await dynamodb.send(
  new CreateTableCommand({
    TableName: 'kill',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  }),
);

async function forever(kind: string, write: (name: string) => Promise<unknown>): Promise<never> {
  for (let n = 0; ; n++) {
    const name = `${kind}-${n}`;
    await write(name);
    process.stdout.write(`${name}\n`);
  }
}

await Promise.all([
  forever('small', (Key) => s3.send(new PutObjectCommand({ Bucket: 'kill', Key, Body: Key }))),
  forever('large', (Key) => s3.send(new PutObjectCommand({ Bucket: 'kill', Key, Body: Key.repeat(50_000) }))),
  forever('message', (MessageBody) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))),
  forever('item', (id) => dynamodb.send(new PutItemCommand({ TableName: 'kill', Item: { id: { S: id } } }))),
]);
