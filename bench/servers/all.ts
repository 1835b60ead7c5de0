/** Starts Postfold and every peer that can be; who cannot is skipped with a line that says why. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions } from '../options.ts';
import type { Progress } from '../progress.ts';
import { startCyrus } from './cyrus.ts';
import { startDovecot } from './dovecot.ts';
import { startHaraka, startSmtpServer } from './npm-peers.ts';
import { startPostfix } from './postfix.ts';
import { startPostfold } from './postfold.ts';
import type { Missing, Server } from './server.ts';

export interface Started {
  /** In the order in which they take turns, Postfold first. */
  readonly servers: readonly Server[];
  readonly missing: readonly Missing[];
  stop(): Promise<void>;
}

/** Exit code of a run that was broken off. */
const interrupted = 130;

/** They are ended when the run is broken off, too. */
export async function startServers(
  folder: string,
  options: BenchOptions,
  progress: Progress,
): Promise<Started> {
  const servers: Server[] = [];
  const missing: Missing[] = [];
  const stop = async () => {
    for (const server of servers.toReversed()) await server.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(interrupted)));
  }
  const start = async <Kind extends Server>(
    name: string,
    begin: (folder: string) => Promise<Kind | Missing>,
  ): Promise<Kind | undefined> => {
    progress.show(`starting ${name}`);
    const own = join(folder, name);
    mkdirSync(own, { mode: 0o755 });
    const outcome = await begin(own);
    if ('hint' in outcome) {
      progress.note(`${outcome.name} is left out: ${outcome.hint}`);
      missing.push(outcome);
      return undefined;
    }
    servers.push(outcome);
    return outcome;
  };
  try {
    await start('postfold', (own) => startPostfold(own, options.nodeOptions));
    const { peers } = options;
    const dovecot = peers.includes('dovecot') ? await start('dovecot', startDovecot) : undefined;
    if (peers.includes('postfix')) await start('postfix', (own) => startPostfix(own, dovecot));
    if (peers.includes('cyrus')) await start('cyrus', startCyrus);
    if (peers.includes('haraka')) await start('haraka', startHaraka);
    if (peers.includes('smtp-server')) await start('smtp-server', startSmtpServer);
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, missing, stop };
}
