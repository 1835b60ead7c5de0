/**
 * A Postfold in a process of its own that counts its requests to AWS: the same parts as `postfold
 * start`, with the emulator's meter at hand. Forked by the growth measurement, asked over IPC.
 */

import { loadCertificate } from '../../bin/start/certificate.ts';
import { registerFunctions } from '../../bin/start/functions.ts';
import { openJournal } from '../../bin/start/journal.ts';
import { provisionDemo, provisionOf } from '../../bin/start/provision.ts';
import { startServers } from '../../bin/start/servers.ts';
import { openStores } from '../../bin/start/stores.ts';
import { hashPassword } from '../../core/auth/passwords/argon2id.ts';
import { addAccount } from '../../core/service/provision/accounts.ts';
import { noDnsResolver } from '../../core/store/dns-resolver.ts';
import { tlsSettings } from '../../fargate/shared/tls.ts';
import { domain, password, reader } from './server.ts';

const dataDir = process.argv[2] ?? '';
const hostname = `mail.${domain}`;
const journal = openJournal(() => {});
const stores = await openStores({ dataDir, awsEndpoint: undefined, onProblem: journal.problem });
const functions = registerFunctions(
  stores,
  { hostname, routes: new Map(), resolver: noDnsResolver(), dnsAvailable: false },
  journal,
);
const tls = tlsSettings(await loadCertificate(dataDir, hostname, Date.now()));
const settings = { host: '127.0.0.1', hostname, portOffset: undefined, insecureAuth: true, tls };
const { endpoints } = await startServers(stores, functions.ingest, settings, journal);
const provision = provisionOf(stores);
await provisionDemo(provision, domain, password);
await addAccount(provision, { address: reader, passwordHash: await hashPassword(password), quotaBytes: 0 });

/** Whatever is asked, the answer is all requests so far. */
process.on('message', () => {
  let requests = 0;
  for (const { calls } of stores.cloud.meter.snapshot().values()) requests += calls;
  process.send?.({ requests });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ imap: endpoints.find(({ name }) => name === 'IMAP')?.port });
