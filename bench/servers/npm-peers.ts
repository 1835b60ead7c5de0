/**
 * SMTP servers from npm, for orientation: they write a file and fsync it, and know no mailboxes.
 * Installed with npm into the temporary folder of the run, never into the project.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, freePorts, launch, untilOpen } from './daemon.ts';
import { domain, type Missing, type Server } from './server.ts';

const installLimitMs = 180_000;
const largest = 50 * 1024 * 1024;

/** Writes what `stream` brings and resolves when it is on disk. In the text of both servers, which are CommonJS. */
const toDisk = `
const { createWriteStream } = require('node:fs');
let count = 0;
const toDisk = (stream) =>
  new Promise((resolve, reject) => {
    const file = createWriteStream(process.env.BENCH_MAIL + '/' + process.pid + '-' + ++count, { flush: true });
    file.on('close', resolve).on('error', reject);
    stream.pipe(file);
  });
`;

const smtpServer = `${toDisk}
const { SMTPServer } = require('smtp-server');
const server = new SMTPServer({
  authOptional: true, disableReverseLookup: true, hideSTARTTLS: true, logger: false, size: ${largest},
  onData: (stream, _session, done) => { toDisk(stream).then(() => done(), done); },
});
server.server.on('connection', (socket) => socket.setNoDelay(true));
server.listen(Number(process.env.BENCH_PORT), '127.0.0.1');
`;

const haraka = `${toDisk}
exports.hook_rcpt = (next) => next(OK);
exports.hook_queue = (next, connection) => {
  toDisk(connection.transaction.message_stream).then(() => next(OK), () => next(DENYSOFT));
};
exports.hook_connect = (next, connection) => {
  connection.client.setNoDelay?.(true);
  next();
};
`;

export function startSmtpServer(folder: string): Promise<Server | Missing> {
  return startFromNpm(folder, 'smtp-server', 'smtp-server', () => {
    writeFileSync(join(folder, 'server.cjs'), smtpServer);
    return [join(folder, 'server.cjs')];
  });
}

export function startHaraka(folder: string): Promise<Server | Missing> {
  return startFromNpm(folder, 'haraka', 'Haraka', (port) => {
    const home = join(folder, 'node_modules/Haraka');
    // It needs all of its sections, so that only the limit is changed in what it ships.
    const connection = readFileSync(join(home, 'config/connection.ini'), 'utf8');
    const files = {
      'config/smtp.ini': `listen=127.0.0.1:${port}\n`,
      'config/plugins': 'bench\n',
      'config/me': `mail.${domain}\n`,
      'config/connection.ini': connection.replace(/^;?bytes\s*=.*$/m, `bytes=${largest}`),
      'config/log.ini': '[main]\nlevel=warn\n',
      'plugins/bench.js': haraka,
    };
    for (const name of ['config', 'plugins']) mkdirSync(join(folder, name));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return [join(home, 'bin/haraka'), '-c', folder];
  });
}

async function startFromNpm(
  folder: string,
  name: string,
  packageName: string,
  prepare: (port: number) => readonly string[],
): Promise<Server | Missing> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--omit=optional', packageName],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: installLimitMs,
    },
  );
  if (status !== 0)
    return { name, hint: `npm install ${packageName} failed: ${(stderr ?? '').trim().split('\n')[0]}` };
  const [port = 0] = await freePorts(1);
  const mail = join(folder, 'mail');
  mkdirSync(mail);
  const log = join(folder, 'log');
  const env = { ...process.env, BENCH_PORT: String(port), BENCH_MAIL: mail };
  const child = launch(process.execPath, prepare(port), log, { cwd: folder, env });
  try {
    await untilOpen(port, log);
  } catch (error) {
    await end(child.pid);
    throw error;
  }
  const { version } = JSON.parse(
    readFileSync(join(folder, 'node_modules', packageName, 'package.json'), 'utf8'),
  ) as {
    version: string;
  };
  return {
    name,
    version: `${packageName} ${version} (to disk, no mailboxes)`,
    smtp: port,
    roots: [child.pid],
    stop: () => end(child.pid),
  };
}
