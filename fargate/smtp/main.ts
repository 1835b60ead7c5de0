/** The container of the SMTP server: settings from the environment, real stores, a drain on SIGTERM. */
import { randomUUID } from 'node:crypto';
import { guardLogins } from '../../core/auth/guessing/logins.ts';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import { MailBackend } from '../../core/service/smtp-backend/backend.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import { openClients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { systemIds } from '../../core/store/ids.ts';
import { invokeIngest } from '../../core/store/invoke-ingest.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { tableNames } from '../../core/store/tables.ts';
import { tlsSettings } from '../shared/tls.ts';
import { startSmtp } from './server.ts';
import { readPlaces, readSettings } from './settings.ts';

const settings = readSettings(process.env);
const places = readPlaces(process.env);
const clients = openClients({});
const tables = tableNames(places.tablePrefix);
const directoryStore = new DynamoDirectoryStore(clients.dynamo, tables, randomUUID);
const directory = new StoredDirectory(directoryStore, new PasswordVerifier(Date.now), Date.now);
const backend = new MailBackend({
  directory: guardLogins(directory, systemClock),
  logs: new DynamoLogStore(clients.dynamo, tables.log),
  bodies: new S3BodyStore(clients.s3, places.bucket),
  ingest: invokeIngest(clients.lambda, places.ingestFunction),
  clock: systemClock,
  ids: systemIds(systemClock),
});
const server = await startSmtp(
  {
    backend,
    clock: systemClock,
    tls: tlsSettings({ key: places.tlsKey, cert: places.tlsCert }),
    observe: ({ kind, ...fields }) => log({ event: kind, ...fields }),
  },
  settings,
);
const { port, submissionPort, submissionsPort } = server;
log({ event: 'listening', port, submissionPort, submissionsPort });

process.once('SIGTERM', async () => {
  await server.drain(settings.drainMs);
  clients.close();
});

/** One JSON line per event. */
function log(event: { readonly [field: string]: unknown }): void {
  const { error, ...fields } = event;
  const reason = error instanceof Error ? { error: `${error.name}: ${error.message}` } : {};
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), service: 'smtp', ...fields, ...reason })}\n`,
  );
}
