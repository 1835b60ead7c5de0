/** What the three containers are made of alike: SDK clients, stores, directory, certificate, log lines. */
import { randomUUID } from 'node:crypto';
import { guardLogins } from '../../core/auth/guessing/logins.ts';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import type { DoorbellListener } from '../../core/mail/ports/doorbell.ts';
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
import type { Places } from './environment.ts';
import { logLine } from './log-line.ts';
import { tlsSettings } from './tls.ts';

/** Writes one JSON line per event. */
export type Log = (event: { readonly [field: string]: unknown }) => void;

export type Container = ReturnType<typeof openContainer>;

export function openContainer(service: string, places: Places) {
  const log: Log = (event) => void process.stdout.write(`${logLine({ service, ...event })}\n`);
  const clients = openClients({});
  const tables = tableNames(places.tablePrefix);
  const directoryStore = new DynamoDirectoryStore(clients.dynamo, tables, randomUUID);
  const directory = new StoredDirectory(directoryStore, new PasswordVerifier(Date.now), Date.now);
  return {
    clients,
    clock: systemClock,
    ids: systemIds(systemClock),
    tls: tlsSettings({ key: places.tlsKey, cert: places.tlsCert }),
    directory: guardLogins(directory, systemClock),
    logs: new DynamoLogStore(clients.dynamo, tables.log),
    messages: new DynamoMessageStore(clients.dynamo, tables.messages),
    bodies: new S3BodyStore(clients.s3, places.bucket),
    leases: new DynamoBellLeases(clients.dynamo, tables.directory),
    log,
  };
}

/** The accounts of a container; they ring others, and are rung when there is a listener. */
export function accountsOf(container: Container, listener?: DoorbellListener): SharedAccounts {
  const { clock, ids, logs, messages, bodies, leases, log } = container;
  return new SharedAccounts({
    ...{ log: logs, messages, bodies, clock, ids },
    doorbell: new HttpDoorbell(leases, clock),
    ...(listener === undefined ? {} : { listener }),
    onProblem: (what, cause) => log({ event: 'problem', what, error: cause }),
  });
}
