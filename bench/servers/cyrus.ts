/**
 * Cyrus IMAP from Debian, IMAP alone, with the settings and the durability it ships with; only
 * limits on connections are lifted. Its package conflicts with Dovecot's, so it is unpacked into
 * the folder of the run. It leaves Nagle's algorithm on, which on loopback makes most answers wait
 * 40 ms for the client's delayed acknowledgement; that is turned off, as the others do themselves.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, firstLine, freePorts, launch, untilOpen } from './daemon.ts';
import { lineFrom, unpackPackages } from './debian.ts';
import { domain, type Missing, password, reader, type Server, users, writer } from './server.ts';

const packages = ['cyrus-imapd', 'cyrus-common', 'sasl2-bin', 'libsasl2-modules', 'libsasl2-modules-db'];
/** It wants a user to run as; one that every Debian has. */
const owner = 'mail';
const memory = '/dev/shm';
/** What it calls itself, and the realm of its accounts. */
const hostname = `mail.${domain}`;

interface Place {
  readonly folder: string;
  /** Where its packages lie. */
  readonly root: string;
  /** Locks and the like, which Debian has on a tmpfs. */
  readonly fleeting: string;
  readonly port: number;
}

export async function startCyrus(folder: string): Promise<Server | Missing> {
  if (process.getuid?.() !== 0) return missing('needs root, run the benchmark with sudo');
  if (firstLine('apt-get', '--version') === undefined)
    return missing('comes from Debian, and apt-get is not here');
  const compiler = lineFrom(['gcc', 'libc6-dev'], 'cc', '--version');
  if ('hint' in compiler) return missing(`needs a C compiler, ${compiler.hint}`);
  const unpacked = unpackPackages(folder, packages);
  if ('hint' in unpacked) return missing(unpacked.hint);
  const { root, version } = unpacked;
  const [port = 0] = await freePorts(1);
  const place = {
    folder,
    root,
    port,
    fleeting: mkdtempSync(join(existsSync(memory) ? memory : folder, 'postfold-bench-')),
  };
  const failure = prepare(place);
  if (failure !== undefined) return missing(failure);

  const log = join(folder, 'log');
  const master = join(root, 'usr/lib/cyrus/bin/master');
  const args = [
    '-C',
    join(folder, 'imapd.conf'),
    '-M',
    join(folder, 'cyrus.conf'),
    '-p',
    join(folder, 'pid'),
  ];
  const child = launch(master, args, log, { env: { ...environment(root), LD_PRELOAD: nodelay(folder) } });
  const stop = async () => {
    await end(child.pid);
    rmSync(place.fleeting, { recursive: true, force: true });
  };
  try {
    await untilOpen(port, log);
  } catch (error) {
    await stop();
    return missing(error instanceof Error ? error.message : String(error));
  }
  return {
    name: 'cyrus',
    version: `Cyrus IMAP ${version}, IMAP alone`,
    imap: port,
    roots: [child.pid],
    stop,
  };
}

function missing(hint: string): Missing {
  return { name: 'cyrus', hint };
}

/** Folders, settings and accounts. What went wrong, or undefined. */
function prepare(place: Place): string | undefined {
  const { folder, root, fleeting } = place;
  const compiled = spawnSync(
    'cc',
    ['-O2', '-shared', '-fPIC', '-o', nodelay(folder), join(import.meta.dirname, 'nodelay.c'), '-ldl'],
    { encoding: 'utf8' },
  );
  if (compiled.status !== 0) return `cc fails: ${compiled.stderr}`;
  for (const name of ['db', 'log', 'msg', 'ptclient', 'user', 'quota', 'sieve']) {
    mkdirSync(join(folder, 'conf', name), { recursive: true });
  }
  for (const path of [join(folder, 'spool'), ...['proc', 'lock'].map((name) => join(fleeting, name))])
    mkdirSync(path);
  writeFileSync(join(folder, 'imapd.conf'), settings(place));
  writeFileSync(join(folder, 'cyrus.conf'), services(place));
  for (const address of [reader, writer, ...users]) {
    const [name = ''] = address.split('@');
    const { status, stderr } = spawnSync(
      join(root, 'usr/sbin/saslpasswd2'),
      ['-p', '-c', '-f', accounts(folder), '-u', hostname, name],
      { input: password, env: environment(root), encoding: 'utf8' },
    );
    if (status !== 0) return `saslpasswd2 fails: ${stderr}`;
  }
  firstLine('chown', '-R', owner, join(folder, 'conf'), join(folder, 'spool'), accounts(folder), fleeting);
  return undefined;
}

const accounts = (folder: string) => join(folder, 'accounts');
const nodelay = (folder: string) => join(folder, 'nodelay.so');

function environment(root: string): NodeJS.ProcessEnv {
  const libraries = globSync(join(root, '{usr/,}lib/*-linux-gnu*')).toSorted();
  const plugins = globSync(join(root, 'usr/lib/*/sasl2'));
  return {
    ...process.env,
    CYRUS_USER: owner,
    LD_LIBRARY_PATH: [...libraries, join(root, 'usr/lib/cyrus')].join(':'),
    SASL_PATH: plugins.join(':'),
  };
}

function settings({ folder, fleeting }: Place): string {
  const values = {
    configdirectory: join(folder, 'conf'),
    proc_path: join(fleeting, 'proc'),
    mboxname_lockpath: join(fleeting, 'lock'),
    idlesocket: join(fleeting, 'idle'),
    defaultpartition: 'default',
    'partition-default': join(folder, 'spool'),
    servername: hostname,
    defaultdomain: domain,
    virtdomains: 'userid',
    unixhierarchysep: 'yes',
    altnamespace: 'yes',
    allowplaintext: 'yes',
    sasl_mech_list: 'PLAIN LOGIN',
    sasl_pwcheck_method: 'auxprop',
    sasl_auxprop_plugin: 'sasldb',
    sasl_sasldb_path: accounts(folder),
    autocreate_quota: '0', // an INBOX at the first login
    maxlogins_per_host: '0',
    maxlogins_per_user: '0',
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

function services({ folder, root, port }: Place): string {
  const command = (name: string, args: string) =>
    `${name} cmd="${root}/usr/lib/cyrus/bin/${args.replace(' ', ` -C ${folder}/imapd.conf `)}"`;
  return [
    'START {',
    command('recover', 'ctl_cyrusdb -r'),
    '}',
    'SERVICES {',
    `${command('imap', 'imapd -U 30')} listen="127.0.0.1:${port}" prefork=0 maxchild=4000`,
    '}',
    'DAEMON {',
    command('idled', 'idled -f'),
    '}',
    'EVENTS {',
    `${command('checkpoint', 'ctl_cyrusdb -c')} period=30`,
    '}',
    '',
  ].join('\n');
}
