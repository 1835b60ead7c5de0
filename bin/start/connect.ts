/**
 * What the administrative commands work on: the running instance's AWS, or the one that the SDK's own
 * environment names.
 */
import { openClients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { queueUrlOf } from '../../core/store/queues.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { tableNames } from '../../core/store/tables.ts';
import type { Connect } from '../cli/services.ts';
import { provisionOf } from './provision.ts';
import { resourcePrefix } from './stores.ts';

/** The embedded AWS of `postfold start` on its default port. */
const lastResort = 'http://127.0.0.1:4566';

export const connect: Connect = async ({ endpoint }) => {
  const { env } = process;
  const given = endpoint ?? env.AWS_ENDPOINT_URL;
  const real =
    given === undefined && (env.AWS_REGION ?? env.AWS_PROFILE ?? env.AWS_ACCESS_KEY_ID) !== undefined;
  const local = { endpoint: given ?? lastResort, region: env.AWS_REGION ?? 'us-east-1', maxAttempts: 2 };
  const anyone = { accessKeyId: 'local', secretAccessKey: 'local' };
  const clients = openClients(
    real ? {} : { ...local, ...(env.AWS_ACCESS_KEY_ID === undefined ? { credentials: anyone } : {}) },
  );
  const prefix = env.POSTFOLD_TABLE_PREFIX ?? resourcePrefix;
  const tables = tableNames(prefix);
  const now = () => systemClock.now();
  const queueUrl = await queueUrlOf(clients.sqs, prefix);
  const provision = provisionOf({
    directoryStore: new DynamoDirectoryStore(clients.dynamo, tables, () => crypto.randomUUID()),
    log: new DynamoLogStore(clients.dynamo, tables.log),
    ids: systemIds(systemClock),
    clock: systemClock,
  });
  const outbound = new SqsOutbound(clients.dynamo, clients.sqs, { table: tables.outbound, queueUrl }, now);
  return { provision, outbound, now, close: () => clients.close() };
};
