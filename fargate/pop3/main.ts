/** The container of the POP3 server: settings from the environment, real stores, a drain on SIGTERM. */
import { accountsOf, openContainer } from '../shared/container.ts';
import { readPlaces } from '../shared/environment.ts';
import { startPop3 } from './server.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(process.env);
const container = openContainer('pop3', readPlaces(process.env));
// Rings others when QUIT deletes; is not rung itself, for a maildrop stays as it was at login.
const accounts = accountsOf(container);
const server = await startPop3({ ...container, accounts, onEvent: container.log }, settings);
container.log({ event: 'listening', port: server.port, tlsPort: server.tlsPort });

process.once('SIGTERM', async () => {
  await server.drain(settings.drainMs);
  await accounts.close();
  container.clients.close();
});
