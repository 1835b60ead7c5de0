/**
 * SDK clients for the contract tests: on an embedded AWS in memory, or, when
 * POSTFOLD_TEST_AWS_ENDPOINT is set, over HTTP on that endpoint (any emulator of AWS).
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, openCloud } from '../cloud.ts';

const endpoint = process.env.POSTFOLD_TEST_AWS_ENDPOINT;

export const overHttp = endpoint !== undefined;

export interface TestClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  /** The embedded AWS itself; undefined against another endpoint. */
  readonly cloud: Cloud | undefined;
  close(): Promise<void>;
}

export async function openTestClients(): Promise<TestClients> {
  const cloud = endpoint === undefined ? await openCloud() : undefined;
  const common = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    endpoint: endpoint ?? 'http://localhost',
    ...(cloud ? { requestHandler: cloud.requestHandler } : {}),
  };
  return {
    s3: new S3Client({ ...common, forcePathStyle: true }),
    sqs: new SQSClient(common),
    lambda: new LambdaClient(common),
    cloud,
    async close() {
      await cloud?.close();
    },
  };
}
