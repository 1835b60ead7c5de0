/** The reaper over the real stores: for the Lambda, and for a Postfold that runs in one process. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/mail/ports/clock.ts';
import { type ReapReport, reap } from '../../core/service/reap/reap.ts';
import type { ReapPorts, ReapSettings } from '../../core/service/reap/settings.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import type { Clients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { DynamoMessageStore } from '../../core/store/messages.ts';
import { DynamoOutboundBodies } from '../../core/store/outbound-bodies.ts';
import { DynamoReapCursors } from '../../core/store/reap-cursors.ts';
import { tableNames } from '../../core/store/tables.ts';
import type { ReapPlaces } from './settings.ts';

/** One run that begins nothing new after `forMs`. */
export type Reaper = (forMs: number) => Promise<ReapReport>;

export function createReaper(
  { dynamo, s3 }: Pick<Clients, 'dynamo' | 's3'>,
  settings: ReapPlaces & Partial<ReapSettings>,
  clock: Clock,
  onProblem: NonNullable<ReapPorts['onProblem']>,
): Reaper {
  const { tablePrefix, bucket, ...waits } = settings;
  const names = tableNames(tablePrefix);
  const ports: ReapPorts = {
    log: new DynamoLogStore(dynamo, names.log),
    messages: new DynamoMessageStore(dynamo, names.messages),
    bodies: new S3BodyStore(s3, bucket),
    outboundBodies: new DynamoOutboundBodies(dynamo, names.outbound),
    cursors: new DynamoReapCursors(dynamo, names.directory),
    directory: new DynamoDirectoryStore(dynamo, names, randomUUID),
    clock,
    ids: systemIds(clock),
    onProblem,
  };
  return (forMs) => reap(ports, clock.now() + forMs, waits);
}
