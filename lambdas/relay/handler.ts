/** The relay Lambda: settings and ports from its environment, once for each container. */
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import type { RelayPorts } from '../../core/service/relay/relay.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import { openClients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { dnsResolver } from '../../core/store/dns-resolver.ts';
import { invokeIngest } from '../../core/store/invoke-ingest.ts';
import { SqsOutbound } from '../../core/store/outbound.ts';
import { tableNames } from '../../core/store/tables.ts';
import { type BatchResponse, createRelay, type SqsEvent } from './relay-batch.ts';
import { dnsSettings, readRelaySettings, required } from './settings.ts';

const log = (line: object) => console.log(JSON.stringify(line));
let relay: ((event: SqsEvent) => Promise<BatchResponse>) | undefined;

export function handler(event: SqsEvent): Promise<BatchResponse> {
  relay ??= createRelay(ports(), readRelaySettings(process.env), log);
  return relay(event);
}

function ports(): Omit<RelayPorts, 'silentHosts'> {
  const { env } = process;
  const clients = openClients({});
  const tables = tableNames(required(env, 'POSTFOLD_TABLE_PREFIX'));
  const places = { table: tables.outbound, queueUrl: required(env, 'POSTFOLD_OUTBOUND_QUEUE_URL') };
  const directoryStore = new DynamoDirectoryStore(clients.dynamo, tables, () => crypto.randomUUID());
  return {
    store: new SqsOutbound(clients.dynamo, clients.sqs, places, Date.now),
    bodies: new S3BodyStore(clients.s3, required(env, 'POSTFOLD_BUCKET')),
    directory: new StoredDirectory(directoryStore, new PasswordVerifier(Date.now), Date.now),
    resolver: dnsResolver(dnsSettings(env)),
    ingest: invokeIngest(clients.lambda, required(env, 'POSTFOLD_INGEST_FUNCTION')),
    now: Date.now,
    random: Math.random,
    onFailure: (error, jobId) => log({ event: 'relay-fault', jobId, error: String(error) }),
  };
}
