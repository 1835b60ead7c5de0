/**
 * Puts `ingest` together from SDK clients and settings: for the Lambda, and for `postfold start`,
 * which registers the same function on the embedded AWS.
 */
import { randomUUID } from 'node:crypto';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import type { Doorbell } from '../../core/mail/ports/doorbell.ts';
import type { Resolver } from '../../core/mail/ports/resolver.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import type { Ingest } from '../../core/service/receive/event.ts';
import { HeadCache } from '../../core/service/receive/head-cache.ts';
import { receive } from '../../core/service/receive/receive.ts';
import { DynamoBellLeases } from '../../core/store/bell-leases.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import type { Clients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { dnsResolver } from '../../core/store/dns-resolver.ts';
import { HttpDoorbell } from '../../core/store/http-doorbell.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { DynamoMessageStore } from '../../core/store/messages.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { tableNames } from '../../core/store/tables.ts';
import type { IngestSettings } from './settings.ts';

/** What a caller may bring along instead of what the settings would make. */
export interface IngestParts {
  readonly doorbell?: Doorbell;
  readonly resolver?: Resolver;
  readonly clock?: typeof systemClock;
}

/** The function; keeps what is worth keeping between invocations. */
export function createIngest(
  { dynamo, s3, sqs }: Pick<Clients, 'dynamo' | 's3' | 'sqs'>,
  settings: IngestSettings,
  { doorbell, resolver, clock = systemClock }: IngestParts = {},
): Ingest {
  const names = tableNames(settings.tablePrefix);
  const now = () => clock.now();
  const { dnsServers } = settings;
  const dependencies = {
    settings,
    clock,
    ids: systemIds(clock),
    bodies: new S3BodyStore(s3, settings.bucket),
    log: new DynamoLogStore(dynamo, names.log),
    messages: new DynamoMessageStore(dynamo, names.messages),
    outbound: new SqsOutbound(
      dynamo,
      sqs,
      { table: names.outbound, queueUrl: settings.outboundQueueUrl },
      now,
    ),
    directory: new StoredDirectory(
      new DynamoDirectoryStore(dynamo, names, randomUUID),
      new PasswordVerifier(now),
      now,
    ),
    resolver: resolver ?? dnsResolver(dnsServers.length > 0 ? { servers: dnsServers } : {}),
    heads: new HeadCache(),
    doorbell: doorbell ?? new HttpDoorbell(new DynamoBellLeases(dynamo, names.directory), clock),
  };
  return (event) => receive(event, dependencies);
}
