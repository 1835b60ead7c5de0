/** The container of the IMAP server: settings from the environment, real stores, a drain on SIGTERM. */
import { networkInterfaces } from 'node:os';
import { startBell } from '../shared/bell.ts';
import { accountsOf, openContainer } from '../shared/container.ts';
import { startImap } from './server.ts';
import { readPlaces, readSettings } from './settings.ts';

const settings = readSettings(process.env);
const places = readPlaces(process.env);
const container = openContainer('imap', places);
const bellSettings = { host: '0.0.0.0', port: places.bellPort, advertisedHost: ownAddress() };
const bell = await startBell(container.leases, container.clock, bellSettings);
const accounts = accountsOf(container, bell);
const log = (event: object) => container.log({ ...event });
const server = await startImap({ ...container, accounts, log }, settings);
container.log({ event: 'listening', port: server.port, tlsPort: server.tlsPort });

process.once('SIGTERM', async () => {
  await server.drain(settings.drainMs);
  await accounts.close();
  await bell.close();
  container.clients.close();
});

/** Where other tasks in the VPC reach this one. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // A Fargate task has a link-local interface too, which nobody else reaches
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith('169.254.'));
  return outside.find(({ family }) => family === 'IPv4')?.address ?? '127.0.0.1';
}
