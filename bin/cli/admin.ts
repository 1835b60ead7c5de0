/** Registers the administrative commands: they talk to a running or deployed Postfold's AWS, never to its servers. */
import type { Command } from 'commander';
import { accountLeaves } from './account.ts';
import { aliasLeaves } from './alias.ts';
import { appPasswordLeaves } from './app-password.ts';
import { dkimLeaves } from './dkim.ts';
import { domainLeaves } from './domain.ts';
import { type Io, processIo } from './io.ts';
import { group } from './leaf.ts';
import { queueLeaves } from './queue.ts';
import type { Connect } from './services.ts';
import { tenantLeaves } from './tenant.ts';

/** Adds tenant, domain, account, alias, app-password and queue to the program. */
export function registerAdminCommands(program: Command, connect: Connect, io: Io = processIo): void {
  const shell = { connect, io };
  group(program, 'tenant', 'parties that own domains', shell, tenantLeaves);
  const domain = group(program, 'domain', 'domains that mail is taken for', shell, domainLeaves);
  group(domain, 'dkim', 'keys that outgoing mail is signed with', shell, dkimLeaves);
  group(program, 'account', 'mailboxes with a login', shell, accountLeaves);
  group(program, 'alias', 'addresses that lead to others', shell, aliasLeaves);
  group(program, 'app-password', 'passwords for single programs', shell, appPasswordLeaves);
  group(program, 'queue', 'mail on its way to other servers', shell, queueLeaves);
}
