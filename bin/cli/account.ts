/** `postfold account`: who has a mailbox, its password, quota and forwards. */
import type { AccountRecord } from '../../core/mail/ports/directory-store.ts';
import {
  addAccount,
  listAccounts,
  removeAccount,
  setForwards,
  setQuota,
  showAccount,
} from '../../core/service/provision/accounts.ts';
import { freePlace } from '../../core/service/provision/addresses.ts';
import { acceptPassword, setPassword } from '../../core/service/provision/credentials.ts';
import { parseQuota } from '../../core/service/provision/names.ts';
import { facts, quota, table, time } from './format.ts';
import { type Answer, answer, type Leaf, text } from './leaf.ts';
import { readPassword } from './password.ts';

const passwordStdin = [
  '--password-stdin',
  'read the password from the first line of standard input',
] as const;

export const accountLeaves: readonly Leaf[] = [
  {
    usage: 'add <address>',
    about: 'make an account',
    examples: [
      'account add carol@example.org',
      'account add carol@example.org --password-stdin --quota 5GB < password.txt',
    ],
    options: [
      passwordStdin,
      ['--quota <size>', 'largest total of its messages, like 5GB or none'],
      ['--tenant <name>', 'refuse if the domain belongs to another'],
    ],
    run: async ({ provision }, [address = ''], options, io) => {
      const limit = parseQuota(text(options, 'quota') ?? 'none');
      if ('refused' in limit) return limit;
      const tenant = text(options, 'tenant');
      const place = await freePlace(provision, address, tenant);
      if ('refused' in place) return place;
      const hash = await acceptPassword(await readPassword(options, io));
      if ('refused' in hash) return hash;
      const wanted = {
        address,
        quotaBytes: limit.done,
        passwordHash: hash.done,
        ...(tenant ? { tenant } : {}),
      };
      return answer(await addAccount(provision, wanted), (record) => told(record, 'added'));
    },
  },
  {
    usage: 'list',
    about: 'list accounts',
    examples: ['account list', 'account list --domain example.org --json'],
    options: [
      ['--tenant <name>', 'of one tenant only'],
      ['--domain <domain>', 'of one domain only'],
    ],
    run: async ({ provision }, _args, options) => {
      const [tenant, domain] = [text(options, 'tenant'), text(options, 'domain')?.toLowerCase()];
      const filter = { ...(tenant ? { tenant } : {}), ...(domain ? { domain } : {}) };
      return answer(await listAccounts(provision, filter), (records) => ({
        text: table(['ADDRESS', 'TENANT', 'QUOTA', 'FORWARDS', 'ADDED'], records.map(row)),
        json: records.map(view),
      }));
    },
  },
  {
    usage: 'show <address>',
    about: 'show one account',
    examples: ['account show carol@example.org'],
    run: async ({ provision }, [address = '']) =>
      answer(await showAccount(provision, address), ({ record }) => ({
        text: details(record),
        json: view(record),
      })),
  },
  {
    usage: 'remove <address>',
    about: 'remove an account; its messages are deleted when the undelete window is over',
    examples: ['account remove carol@example.org'],
    run: async ({ provision }, [address = '']) =>
      answer(await removeAccount(provision, address), (record) => told(record, 'removed')),
  },
  {
    usage: 'passwd <address>',
    about: 'set the password; app passwords stay as they are',
    examples: [
      'account passwd carol@example.org',
      'account passwd carol@example.org --password-stdin < new.txt',
    ],
    options: [passwordStdin],
    run: async ({ provision }, [address = ''], options, io) =>
      answer(await setPassword(provision, address, await readPassword(options, io)), (record) =>
        told(record, 'has a new password'),
      ),
  },
  {
    usage: 'quota <address> <size>',
    about: "set the largest total of its messages; 'none' takes the limit away",
    examples: ['account quota carol@example.org 5GB', 'account quota carol@example.org none'],
    run: async ({ provision }, [address = '', limitText = '']) => {
      const limit = parseQuota(limitText);
      if ('refused' in limit) return limit;
      return answer(await setQuota(provision, address, limit.done), (record) =>
        told(record, `has a quota of ${quota(record.quotaBytes)}`),
      );
    },
  },
  {
    usage: 'forward <address> [targets...]',
    about: 'send new mail on to other addresses; to none without targets',
    examples: [
      'account forward carol@example.org carol@example.net --keep-copy',
      'account forward carol@example.org',
    ],
    options: [['--keep-copy', 'keep a copy in the account']],
    run: async ({ provision }, [address = '', ...targets], options) =>
      answer(await setForwards(provision, address, targets, options.keepCopy === true), (record) =>
        told(
          record,
          record.forwards.length === 0 ? 'forwards to nobody' : `forwards to ${forwardsOf(record)}`,
        ),
      ),
  },
];

function row(record: AccountRecord): readonly string[] {
  const { address, tenant, quotaBytes, createdAtMs } = record;
  return [address, tenant, quota(quotaBytes), forwardsOf(record) || '-', time(createdAtMs)];
}

function details(record: AccountRecord): string {
  return facts([
    ['address', record.address],
    ['tenant', record.tenant],
    ['id', record.account],
    ['quota', quota(record.quotaBytes)],
    ['password', record.passwordHash === undefined ? 'none: no login' : 'set'],
    ['app passwords', record.appPasswords.map(({ name }) => name).join(', ') || 'none'],
    ['forwards', forwardsOf(record) || 'none'],
    ['added', time(record.createdAtMs)],
  ]);
}

function forwardsOf({ forwards, keepCopy }: AccountRecord): string {
  return forwards.length === 0 ? '' : `${forwards.join(', ')}${keepCopy ? ' (and keeps a copy)' : ''}`;
}

function told(record: AccountRecord, says: string): Answer {
  return { text: `account ${record.address} ${says}`, json: view(record) };
}

/** Without any hash. */
function view(record: AccountRecord) {
  const { address, tenant, account, quotaBytes, forwards, keepCopy, createdAtMs } = record;
  return {
    address,
    tenant,
    id: account,
    quotaBytes,
    hasPassword: record.passwordHash !== undefined,
    appPasswords: record.appPasswords.map(({ name }) => name),
    forwards,
    keepCopy,
    addedAt: new Date(createdAtMs).toISOString(),
  };
}
