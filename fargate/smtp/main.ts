/** The container of the SMTP server: settings from the environment, real stores, a drain on SIGTERM. */
import { MailBackend } from '../../core/service/smtp-backend/backend.ts';
import { invokeIngest } from '../../core/store/invoke-ingest.ts';
import { openContainer } from '../shared/container.ts';
import { startSmtp } from './server.ts';
import { readPlaces, readSettings } from './settings.ts';

const settings = readSettings(process.env);
const places = readPlaces(process.env);
const container = openContainer('smtp', places);
const { clients, clock, tls, log } = container;
const ingest = invokeIngest(clients.lambda, places.ingestFunction);
const backend = new MailBackend({ ...container, ingest }, settings);
const server = await startSmtp(
  { backend, clock, tls, observe: ({ kind, ...fields }) => log({ event: kind, ...fields }) },
  settings,
);
const { port, submissionPort, submissionsPort } = server;
log({ event: 'listening', port, submissionPort, submissionsPort });

process.once('SIGTERM', async () => {
  await server.drain(settings.drainMs);
  clients.close();
});
