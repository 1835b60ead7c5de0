/**
 * Builds the SDK clients from plain settings: AWS itself, any endpoint that speaks like it, or the
 * embedded AWS in this process (a request handler and no signatures).
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { type InProcessHandler, takeShortcut } from './shortcut.ts';
import { dynamoCodecs, lambdaCodecs, s3Codecs } from './shortcut-codecs.ts';

export interface ClientSettings {
  readonly region?: string | undefined;
  /** Anything but AWS: S3 keys then follow the bucket in the path. */
  readonly endpoint?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** The embedded AWS's handler; requests then go unsigned, since nobody checks. */
  readonly requestHandler?: InProcessHandler | undefined;
  /** Tries of one request, the first included. */
  readonly maxAttempts?: number | undefined;
}

export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  /** Closes idle connections. */
  close(): void;
}

const defaultAttempts = 4;
/**
 * The SDK's own logger says nothing either, but has every input and output masked for it first. In one
 * process only: the SDK's credential providers call a given logger without asking what it can.
 */
const silent = {};
const unsigned = { sign: async <Request>(request: Request): Promise<Request> => request };

/** Clients are made at once and connect when used. Left-out settings come from the SDK's own sources. */
export function openClients(settings: ClientSettings): Clients {
  const config = configOf(settings);
  const forcePathStyle = config.endpoint === undefined ? {} : { forcePathStyle: true };
  const dynamo = new DynamoDBClient(config as DynamoDBClientConfig);
  const s3 = new S3Client({ ...config, ...forcePathStyle } as S3ClientConfig);
  const sqs = new SQSClient(config as SQSClientConfig);
  const lambda = new LambdaClient(config as LambdaClientConfig);
  const all = [dynamo, s3, sqs, lambda];
  const { requestHandler } = settings;
  if (requestHandler !== undefined) {
    takeShortcut(dynamo.middlewareStack, requestHandler, dynamoCodecs);
    takeShortcut(s3.middlewareStack, requestHandler, s3Codecs);
    takeShortcut(lambda.middlewareStack, requestHandler, lambdaCodecs);
  }
  const close = () => {
    for (const client of all) client.destroy();
  };
  return { dynamo, s3, sqs, lambda, close };
}

function configOf({ region, endpoint, credentials, requestHandler, maxAttempts }: ClientSettings) {
  const inProcess = requestHandler !== undefined;
  return {
    maxAttempts: maxAttempts ?? defaultAttempts,
    ...optional('region', region ?? (inProcess ? 'us-east-1' : undefined)),
    ...optional('endpoint', endpoint ?? (inProcess ? 'http://localhost' : undefined)),
    ...optional(
      'credentials',
      credentials ?? (inProcess ? { accessKeyId: 'local', secretAccessKey: 'local' } : undefined),
    ),
    ...(inProcess ? { requestHandler, signer: unsigned, cacheMiddleware: true, logger: silent } : {}),
  };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Value };
}
