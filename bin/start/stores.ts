/** The stores of a Postfold, made where missing: on the embedded AWS, or on the endpoint that was given. */
import { join } from 'node:path';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import type { Doorbell, DoorbellListener } from '../../core/mail/ports/doorbell.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import { InProcessDoorbell } from '../../core/service/doorbell/in-process.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import { type Clients, openClients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { DynamoMessageStore } from '../../core/store/messages.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { ensureQueues } from '../../core/store/queues.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import {
  encryptBucket,
  ensureBucket,
  ensureTables,
  type TableNames,
  tableNames,
} from '../../core/store/tables.ts';
import { type Cloud, openCloud } from '../../local/cloud.ts';

/** Prefix of tables and queues; the bucket's name too. The same for `npm start` and the administrative commands. */
export const resourcePrefix = 'postfold-';
export const bucketName = 'postfold-mail';

export interface Stores {
  /** Runs the Lambda handlers, and is all of AWS unless another endpoint was given. */
  readonly cloud: Cloud;
  readonly aws: Clients;
  /** Where the handlers are invoked: always in this process. */
  readonly lambda: Clients['lambda'];
  readonly tables: TableNames;
  readonly queueUrl: string;
  readonly clock: typeof systemClock;
  readonly ids: ReturnType<typeof systemIds>;
  readonly directory: StoredDirectory;
  readonly directoryStore: DynamoDirectoryStore;
  readonly log: DynamoLogStore;
  readonly messages: DynamoMessageStore;
  readonly bodies: S3BodyStore;
  readonly outbound: SqsOutbound;
  readonly doorbell: Doorbell & DoorbellListener;
  close(): Promise<void>;
}

export interface StoreSettings {
  /** Undefined: the embedded AWS keeps all in memory. */
  readonly dataDir: string | undefined;
  readonly awsEndpoint: string | undefined;
  readonly onProblem: (problem: string, cause?: unknown) => void;
}

export async function openStores({ dataDir, awsEndpoint, onProblem }: StoreSettings): Promise<Stores> {
  const folder = dataDir === undefined || awsEndpoint !== undefined ? undefined : join(dataDir, 'aws');
  const cloud = await openCloud({ dataDir: folder, onProblem });
  const embedded = openClients({ requestHandler: cloud.requestHandler });
  const aws = awsEndpoint === undefined ? embedded : openClients(emulator(awsEndpoint, process.env));
  const tables = tableNames(resourcePrefix);
  const [queueUrl] = await Promise.all([
    ensureQueues(aws.sqs, resourcePrefix),
    ensureTables(aws.dynamo, tables),
    ensureBucket(aws.s3, bucketName),
  ]);
  // How another endpoint encrypts is the affair of whoever runs it.
  if (awsEndpoint === undefined) await encryptBucket(aws.s3, bucketName);
  const now = () => systemClock.now();
  const directoryStore = new DynamoDirectoryStore(aws.dynamo, tables, () => crypto.randomUUID());
  return {
    cloud,
    aws,
    lambda: embedded.lambda,
    tables,
    queueUrl,
    clock: systemClock,
    ids: systemIds(systemClock),
    directory: new StoredDirectory(directoryStore, new PasswordVerifier(now), now),
    directoryStore,
    log: new DynamoLogStore(aws.dynamo, tables.log),
    messages: new DynamoMessageStore(aws.dynamo, tables.messages),
    bodies: new S3BodyStore(aws.s3, bucketName),
    outbound: new SqsOutbound(aws.dynamo, aws.sqs, { table: tables.outbound, queueUrl }, now),
    doorbell: new InProcessDoorbell(),
    close: async () => {
      await cloud.close();
      aws.close();
      embedded.close();
    },
  };
}

/** Settings for an endpoint that is not AWS: a region and credentials for whoever has set none, since such an endpoint asks for none. */
export function emulator(endpoint: string, env: NodeJS.ProcessEnv) {
  return {
    endpoint,
    region: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1',
    ...(env.AWS_ACCESS_KEY_ID === undefined
      ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
      : {}),
  };
}
