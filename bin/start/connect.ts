/**
 * What the administrative commands work on: the running instance's AWS; the endpoint that the SDK's own
 * environment names (AWS_ENDPOINT_URL); or a deployed Postfold, when POSTFOLD_TABLE_PREFIX names its tables.
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
import { emulator, resourcePrefix } from './stores.ts';

/** The embedded AWS of `postfold start` on its default port. */
const lastResort = 'http://127.0.0.1:4566';

export const connect: Connect = async ({ endpoint }) => {
  const { env } = process;
  // A deployed Postfold is meant only when its tables are named: credentials alone may be there for other reasons.
  const deployed =
    endpoint === undefined && env.AWS_ENDPOINT_URL === undefined && env.POSTFOLD_TABLE_PREFIX !== undefined;
  const clients = openClients(
    deployed ? {} : { ...emulator(endpoint ?? env.AWS_ENDPOINT_URL ?? lastResort, env), maxAttempts: 2 },
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
