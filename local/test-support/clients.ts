/**
 * SDK clients for the contract tests: on an embedded AWS in memory, or, when
 * POSTFOLD_TEST_AWS_ENDPOINT is set, over HTTP on that endpoint (any emulator of AWS).
 */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, openCloud } from '../cloud.ts';

const endpoint = process.env.POSTFOLD_TEST_AWS_ENDPOINT;

export interface TestClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
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
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const sqs = new SQSClient(common);
  return {
    s3,
    sqs,
    cloud,
    async close() {
      // Idle connections would keep the process alive.
      for (const client of [s3, sqs]) client.destroy();
      await cloud?.close();
    },
  };
}
