/**
 * Postfix from Debian in front of Dovecot: it takes the mail, queues it durably, and hands it over
 * by LMTP. Limits on connections and rates are lifted; durability is as it ships.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, firstLine, freePorts, readOr, untilOpen } from './daemon.ts';
import { lineFrom } from './debian.ts';
import type { Dovecot } from './dovecot.ts';
import { domain, type Missing, type Server } from './server.ts';

export async function startPostfix(folder: string, dovecot: Dovecot | undefined): Promise<Server | Missing> {
  const found = lineFrom(['postfix'], 'postconf', '-d', '-h', 'mail_version');
  if ('hint' in found) return missing(found.hint);
  const version = found.line;
  if (process.getuid?.() !== 0) return missing('needs root, run the benchmark with sudo');
  if (dovecot === undefined) return missing('needs Dovecot to deliver to');

  const [port = 0] = await freePorts(1);
  const etc = join(folder, 'etc');
  for (const name of ['etc', 'spool', 'data']) mkdirSync(join(folder, name));
  firstLine('chown', 'postfix', join(folder, 'data'));
  writeFileSync(join(etc, 'main.cf'), settings(folder, dovecot.lmtp));
  copyFileSync('/usr/share/postfix/master.cf.dist', join(etc, 'master.cf'));
  firstLine('postconf', '-c', etc, '-F', '*/*/chroot = n');
  firstLine('postconf', '-c', etc, '-MX', 'smtp/inet');
  firstLine('postconf', '-c', etc, '-M', `${port}/inet=${port} inet n - n - - smtpd`);
  firstLine('postfix', '-c', etc, 'start');
  await untilOpen(port, join(folder, 'maillog'));
  const pid = Number.parseInt(readOr(join(folder, 'spool/pid/master.pid'), ''), 10);
  return {
    name: 'postfix+dovecot',
    version: `Postfix ${version}, delivering to Dovecot over LMTP`,
    smtp: port,
    ...(dovecot.imap === undefined ? {} : { imap: dovecot.imap }),
    roots: [pid, ...dovecot.roots],
    stop: () => end(pid),
  };
}

function missing(hint: string): Missing {
  return { name: 'postfix+dovecot', hint };
}

function settings(folder: string, lmtp: number): string {
  const values = {
    compatibility_level: '3.6',
    queue_directory: `${folder}/spool`,
    data_directory: `${folder}/data`,
    maillog_file: `${folder}/maillog`,
    maillog_file_prefixes: folder,
    myhostname: `mail.${domain}`,
    mydestination: '',
    mynetworks: '',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    alias_maps: '',
    local_recipient_maps: '',
    virtual_mailbox_domains: domain,
    virtual_mailbox_maps: 'static:all',
    virtual_transport: `lmtp:inet:127.0.0.1:${lmtp}`,
    message_size_limit: String(50 * 1024 * 1024),
    mailbox_size_limit: '0',
    virtual_mailbox_limit: '0',
    smtpd_peername_lookup: 'no',
    smtpd_client_connection_count_limit: '0',
    default_process_limit: '300',
    lmtp_destination_concurrency_limit: '50',
    in_flow_delay: '0',
  };
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}
