/** Postfold as its users start it: the real command, on a fresh folder, with the accounts of the benchmark. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../bin/start/connect.ts';
import { hashPassword } from '../../core/auth/passwords/argon2id.ts';
import { addAccount } from '../../core/service/provision/accounts.ts';
import { end, freeOffset, freePorts, launch, readOr, tailOf, within } from './daemon.ts';
import { domain, password, reader, type Server, users, writer } from './server.ts';

const root = join(import.meta.dirname, '../..');
const standardPorts = [25, 110, 143, 465, 587, 993, 995];
const startLimitMs = 30_000;
const collectLimitMs = 30_000;
/** Only what is reached through `collect` is changed by it. */
const collecting = ['--expose-gc', '--import', join(import.meta.dirname, 'collect.ts')];

/** `nodeOptions` are for Node itself, such as --cpu-prof. */
export async function startPostfold(folder: string, nodeOptions: readonly string[]): Promise<Server> {
  const offset = await freeOffset(standardPorts);
  const [awsPort = 0] = await freePorts(1);
  const log = join(folder, 'postfold.log');
  const options = ['--data', join(folder, 'data'), '--domain', domain, '--insecure-auth'];
  const ports = ['--port-offset', String(offset), '--aws-port', String(awsPort)];
  const child = launch(
    process.execPath,
    [...collecting, ...nodeOptions, join(root, 'bin/postfold.ts'), 'start', ...options, ...ports],
    log,
    { cwd: folder, env: { ...process.env, POSTFOLD_DEMO_PASSWORD: password } },
  );
  const stop = () => end(child.pid);
  try {
    const ready = () => child.exitCode !== null || readOr(log, '').includes('postfold ready');
    if (!(await within(startLimitMs, ready)) || child.exitCode !== null) {
      throw new Error(`Postfold does not start:\n${tailOf(log)}`);
    }
    await addAccounts(awsPort);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'postfold',
    version: `Postfold ${versionOf()}, Node ${process.version}`,
    ...{ smtp: offset + 25, imap: offset + 143, imaps: offset + 993, pop3: offset + 110 },
    roots: [child.pid],
    collect: () => collected(child, log),
    stop,
  };
}

async function collected(child: ChildProcess, log: string): Promise<void> {
  const times = () => readOr(log, '').match(/^collected$/gm)?.length ?? 0;
  const before = times();
  child.kill('SIGUSR2');
  if (!(await within(collectLimitMs, () => times() > before))) throw new Error('Postfold does not collect');
}

async function addAccounts(awsPort: number): Promise<void> {
  const { provision, close } = await connect({ endpoint: `http://127.0.0.1:${awsPort}` });
  const passwordHash = await hashPassword(password);
  for (const address of [reader, writer, ...users]) {
    const outcome = await addAccount(provision, { address, passwordHash, quotaBytes: 0 });
    if ('refused' in outcome) throw new Error(`${address}: ${outcome.refused}`);
  }
  close();
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
