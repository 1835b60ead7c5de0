/**
 * Wires the administrative commands to AWS: the embedded one over HTTP, any other endpoint, or
 * AWS itself by the SDK's own settings. Names of tables and queue are the deployment's.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { AccountId } from '../../core/mail/ids.ts';
import { logOpener } from '../../core/service/provision/open-log.ts';
import { type ClientSettings, type Clients, openClients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { type TableNames, tableNames } from '../../core/store/tables.ts';
import type { AdminServices, Connect } from './services.ts';

export interface Deployment {
  readonly tables: TableNames;
  /** Name of the outbound queue; its URL is asked for when it is needed. */
  readonly queue: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const localEndpoint = 'http://127.0.0.1:4566';

/** Enough to ride out a hiccup, not so many that a Postfold that is not there takes long to say. */
const maxAttempts = 3;

/** Connects to the deployment that the environment names (POSTFOLD_TABLE_PREFIX, POSTFOLD_QUEUE). */
export function connectFrom(env: Env): Connect {
  const deployment = {
    tables: tableNames(env.POSTFOLD_TABLE_PREFIX ?? ''),
    queue: env.POSTFOLD_QUEUE ?? 'outbound',
  };
  return async ({ endpoint }) => adminServices(openClients(clientSettings(endpoint, env)), deployment);
}

/** `aws` and an endpoint in the SDK's own environment leave all to the SDK; else it is this machine. */
export function clientSettings(endpoint: string | undefined, env: Env): ClientSettings {
  if (endpoint === 'aws') return { maxAttempts };
  const inherited = endpoint ?? env.AWS_ENDPOINT_URL;
  const credentials =
    env.AWS_ACCESS_KEY_ID || env.AWS_PROFILE ? undefined : { accessKeyId: 'local', secretAccessKey: 'local' };
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1';
  return { endpoint: inherited ?? localEndpoint, region, credentials, maxAttempts };
}

/** The services over clients that exist; `close` closes them. */
export function adminServices(clients: Clients, { tables, queue }: Deployment): AdminServices {
  const { now } = systemClock;
  const log = new DynamoLogStore(clients.dynamo, tables.log);
  let opened: Promise<SqsOutbound> | undefined;
  const outbound = () => {
    opened ??= openOutbound(clients, tables, queue, now);
    return opened;
  };
  return {
    provision: {
      store: new DynamoDirectoryStore(clients.dynamo, tables, randomUUID),
      now,
      newAccountId,
      openLog: logOpener(log, systemIds(systemClock), now),
    },
    outbound: {
      list: async (...args) => (await outbound()).list(...args),
      get: async (...args) => (await outbound()).get(...args),
      change: async (...args) => (await outbound()).change(...args),
    },
    now,
    close: () => clients.close(),
  };
}

/** 96 random bits, without '#' and '/': never the same twice. */
export function newAccountId(): AccountId {
  return `a${randomBytes(12).toString('hex')}` as AccountId;
}

async function openOutbound(
  { dynamo, sqs }: Clients,
  tables: TableNames,
  queue: string,
  now: () => number,
): Promise<SqsOutbound> {
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  return new SqsOutbound(dynamo, sqs, { table: tables.outbound, queueUrl: QueueUrl }, now);
}
