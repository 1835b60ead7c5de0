/** The tick Lambda: wakes what is due. Settings from its environment, once for each container. */
import { openClients } from '../../core/store/clients.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { tableNames } from '../../core/store/tables.ts';
import { wakeDueJobs } from './tick.ts';

let store: SqsOutbound | undefined;

export async function handler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<{ readonly woken: number }> {
  store ??= openStore(process.env);
  const woken = await wakeDueJobs(store, Date.now, () => context.getRemainingTimeInMillis());
  if (woken > 0) console.log(JSON.stringify({ event: 'tick', woken }));
  return { woken };
}

function openStore(env: Readonly<Record<string, string | undefined>>): SqsOutbound {
  const { POSTFOLD_TABLE_PREFIX: prefix, POSTFOLD_OUTBOUND_QUEUE_URL: queueUrl } = env;
  if (!prefix || !queueUrl)
    throw new Error('POSTFOLD_TABLE_PREFIX and POSTFOLD_OUTBOUND_QUEUE_URL must be set');
  const { dynamo, sqs } = openClients({});
  return new SqsOutbound(dynamo, sqs, { table: tableNames(prefix).outbound, queueUrl }, Date.now);
}
