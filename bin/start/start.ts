/**
 * Runs a whole Postfold in this process until a signal ends it: AWS (embedded, or another
 * endpoint), the handlers, the servers, and on a first start the demo accounts.
 */

import type { Resolver } from '../../core/mail/ports/resolver.ts';
import { dnsAnswers, dnsReplies, dnsResolver, noDnsResolver } from '../../core/store/dns-resolver.ts';
import { tlsSettings } from '../../fargate/shared/tls.ts';
import { loadCertificate } from './certificate.ts';
import { startFailure } from './failure.ts';
import { makeFolder } from './folder.ts';
import { type Functions, registerFunctions } from './functions.ts';
import { growHeapFreely } from './heap.ts';
import { type Journal, openJournal } from './journal.ts';
import type { StartOptions } from './options.ts';
import { provisionDemo, provisionOf } from './provision.ts';
import { readyText } from './ready.ts';
import { type Servers, startServers } from './servers.ts';
import { openStores, type Stores } from './stores.ts';

/** What sessions get to end by themselves after SIGTERM. */
const drainMs = 5_000;
const failedExitCode = 2;
const interruptedExitCode = 130;
const sameWishMs = 1_000;

/** Resolves with the exit code: 0 after SIGTERM or SIGINT, 2 when the start failed for a reason the user can mend. */
export async function start(options: StartOptions): Promise<number> {
  const journal = openJournal((line) => process.stderr.write(`${line}\n`));
  try {
    const running = await run(options, journal);
    await signalled();
    await running.stop();
    return 0;
  } catch (error) {
    const failure = startFailure(error);
    if (failure === undefined) throw error;
    process.stderr.write(`postfold: ${failure}\n`);
    return failedExitCode;
  }
}

async function run(options: StartOptions, journal: Journal): Promise<{ stop(): Promise<void> }> {
  const { dataDir, domain, host } = options;
  const hostname = `mail.${domain}`;
  growHeapFreely();
  makeFolder(dataDir);
  const certificate = await loadCertificate(dataDir, hostname, Date.now());
  const stores = await openStores({ dataDir, awsEndpoint: options.awsEndpoint, onProblem: journal.problem });
  try {
    const { resolver, dnsAvailable } = await dns(options);
    const functions = registerFunctions(stores, { ...options, hostname, resolver, dnsAvailable }, journal);
    const settings = { ...options, hostname, tls: tlsSettings(certificate) };
    const awsUrl = await awsAt(stores, options);
    const servers = await startServers(stores, functions.ingest, settings, journal);
    const demo = await provisionDemo(provisionOf(stores), domain, process.env.POSTFOLD_DEMO_PASSWORD);
    const { endpoints } = servers;
    const account = demo?.accounts[0] ?? `alice@${domain}`;
    const facts = {
      dnsSilent: options.dns !== undefined && !(await dnsReplies(resolver)),
      dnsAvailable,
      host,
      hostname,
      endpoints,
      awsUrl,
      dataDir,
      account,
      ...(demo === undefined ? {} : { demo }),
    };
    process.stdout.write(`${readyText(facts)}\n`);
    return { stop: () => stop(servers, functions, stores) };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** Where AWS is. The embedded one listens for other processes only where it is the one that is used. */
async function awsAt({ cloud }: Stores, { awsEndpoint, awsPort }: StartOptions): Promise<string> {
  return awsEndpoint ?? (await cloud.listen({ host: '127.0.0.1', port: awsPort })).url;
}

/** A server given with --dns is believed whatever it says; the machine's own must know the world. */
async function dns({ dns: given }: StartOptions): Promise<{ resolver: Resolver; dnsAvailable: boolean }> {
  if (given !== undefined) {
    return { resolver: dnsResolver({ servers: [bracketed(given.host, given.port)] }), dnsAvailable: true };
  }
  const resolver = dnsResolver();
  if (await dnsAnswers(resolver)) return { resolver, dnsAvailable: true };
  return { resolver: noDnsResolver(), dnsAvailable: false };
}

/** Servers first, so that nothing new comes; then the queue; then what both work on. */
async function stop(servers: Servers, functions: Functions, stores: Stores): Promise<void> {
  await servers.drain(drainMs);
  await functions.close();
  await stores.close();
}

/**
 * The first signal. npm passes Ctrl-C on that the terminal has sent already, so what comes right behind is
 * the same wish; a later one is impatience and ends the process at once.
 */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined;
    const onSignal = () => {
      firstAtMs ??= performance.now();
      if (performance.now() - firstAtMs > sameWishMs) process.exit(interruptedExitCode);
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function bracketed(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
