/**
 * Dovecot 2.3 from Debian, as durable as it ships; only limits on connections are lifted. The
 * large mailboxes are mdbox, what is appended goes to sdbox, and mail from Postfix to maildir.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, firstLine, freePorts, launch, untilOpen } from './daemon.ts';
import { lineFrom } from './debian.ts';
import { type Missing, password, reader, type Server, users, writer } from './server.ts';

export interface Dovecot extends Server {
  /** Where it takes mail over LMTP. */
  readonly lmtp: number;
}

const packages = ['dovecot-imapd', 'dovecot-pop3d', 'dovecot-lmtpd'];
/** Owns the mail; a user that every Debian has. */
const owner = 'mail';

export async function startDovecot(folder: string): Promise<Dovecot | Missing> {
  const found = lineFrom(packages, 'dovecot', '--version');
  if ('hint' in found) return { name: 'dovecot', hint: found.hint };
  const version = found.line;
  if (!version.startsWith('2.3'))
    return { name: 'dovecot', hint: `is ${version}, the settings here are for 2.3` };
  if (process.getuid?.() !== 0) return { name: 'dovecot', hint: 'needs root, run the benchmark with sudo' };

  const [imap = 0, pop3 = 0, lmtp = 0] = await freePorts(3);
  const mail = join(folder, 'mail');
  mkdirSync(mail, { mode: 0o777 });
  firstLine('chown', owner, mail);
  writeFileSync(join(folder, 'users'), userLines(mail).join('\n'));
  const file = join(folder, 'dovecot.conf');
  writeFileSync(file, settings(folder, { imap, pop3, lmtp }));
  const log = join(folder, 'output');
  const child = launch('dovecot', ['-F', '-c', file], log);
  try {
    await Promise.all([imap, pop3, lmtp].map((port) => untilOpen(port, log)));
  } catch (error) {
    await end(child.pid);
    throw error;
  }
  return {
    name: 'dovecot',
    version: `Dovecot ${version}: large mailboxes mdbox, APPEND sdbox, SMTP and login maildir`,
    ...{ imap, pop3, lmtp },
    roots: [child.pid],
    stop: () => end(child.pid),
  };
}

function userLines(mail: string): readonly string[] {
  const line = (address: string, format: string) => {
    const home = join(mail, address);
    return `${address}:{PLAIN}${password}:${owner}:${owner}::${home}::userdb_mail=${format}:${home}/${format}`;
  };
  return [
    line(reader, 'mdbox'),
    line(writer, 'sdbox'),
    ...users.map((address) => line(address, 'maildir')),
    '',
  ];
}

function settings(folder: string, ports: { imap: number; pop3: number; lmtp: number }): string {
  const listener = (service: string, name: string, port: number) =>
    `service ${service} {\n  inet_listener ${name} {\n    port = ${port}\n  }\n}`;
  const closed = (service: string, name: string) => listener(service, name, 0);
  return [
    'protocols = imap pop3 lmtp',
    'listen = 127.0.0.1',
    `base_dir = ${folder}/run`,
    `state_dir = ${folder}/state`,
    `log_path = ${folder}/log`,
    'ssl = no',
    'disable_plaintext_auth = no',
    'first_valid_uid = 1',
    'auth_username_format = %Lu',
    'mail_max_userip_connections = 0',
    'default_process_limit = 2000',
    'default_client_limit = 8000',
    ...['passdb', 'userdb'].map((db) => `${db} {\n  driver = passwd-file\n  args = ${folder}/users\n}`),
    listener('imap-login', 'imap', ports.imap),
    closed('imap-login', 'imaps'),
    listener('pop3-login', 'pop3', ports.pop3),
    closed('pop3-login', 'pop3s'),
    listener('lmtp', 'lmtp', ports.lmtp),
    'service imap {\n  process_limit = 2000\n}',
    'service auth {\n  client_limit = 16000\n}',
    'service anvil {\n  client_limit = 16000\n}',
    'namespace inbox {\n  inbox = yes\n  separator = /\n}',
    '',
  ].join('\n');
}
