/** The container of the POP3 server: settings from the environment, real stores, a drain on SIGTERM. */
import { randomUUID } from 'node:crypto';
import { guardLogins } from '../../core/auth/guessing/logins.ts';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import { SharedAccounts } from '../../core/service/account/accounts.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import { DynamoBellLeases } from '../../core/store/bell-leases.ts';
import { S3BodyStore } from '../../core/store/bodies.ts';
import { openClients } from '../../core/store/clients.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { HttpDoorbell } from '../../core/store/http-doorbell.ts';
import { systemIds } from '../../core/store/ids.ts';
import { DynamoLogStore } from '../../core/store/log.ts';
import { DynamoMessageStore } from '../../core/store/messages.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { tableNames } from '../../core/store/tables.ts';
import { tlsSettings } from '../shared/tls.ts';
import { startPop3 } from './server.ts';
import { readPlaces, readSettings } from './settings.ts';

const settings = readSettings(process.env);
const places = readPlaces(process.env);
const clients = openClients({});
const tables = tableNames(places.tablePrefix);
// Rings others when QUIT deletes; is not rung itself, for a maildrop stays as it was at login.
const accounts = new SharedAccounts({
  log: new DynamoLogStore(clients.dynamo, tables.log),
  messages: new DynamoMessageStore(clients.dynamo, tables.messages),
  bodies: new S3BodyStore(clients.s3, places.bucket),
  clock: systemClock,
  ids: systemIds(systemClock),
  doorbell: new HttpDoorbell(new DynamoBellLeases(clients.dynamo, tables.directory), systemClock),
  onProblem: (what, cause) => log({ event: 'problem', what, error: cause }),
});
const directoryStore = new DynamoDirectoryStore(clients.dynamo, tables, randomUUID);
const directory = new StoredDirectory(directoryStore, new PasswordVerifier(Date.now), Date.now);
const server = await startPop3(
  {
    directory: guardLogins(directory, systemClock),
    accounts,
    clock: systemClock,
    tls: tlsSettings({ key: places.tlsKey, cert: places.tlsCert }),
    onEvent: log,
  },
  settings,
);
log({ event: 'listening', port: server.port, tlsPort: server.tlsPort });

process.once('SIGTERM', async () => {
  await server.drain(settings.drainMs);
  await accounts.close();
  clients.close();
});

/** One JSON line per event. */
function log(event: { readonly [field: string]: unknown }): void {
  const { error, ...fields } = event;
  const reason = error instanceof Error ? { error: `${error.name}: ${error.message}` } : {};
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), service: 'pop3', ...fields, ...reason })}\n`,
  );
}
