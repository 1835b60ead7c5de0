/** `postfold domain`: the domains of tenants, their catch-all and postmaster. */
import type { DomainRecord } from '../../core/mail/ports/directory-store.ts';
import {
  addDomain,
  listDomains,
  removeDomain,
  setCatchAll,
  setPostmaster,
  showDomain,
} from '../../core/service/provision/domains.ts';
import { facts, table, time } from './format.ts';
import { type Answer, answer, type Leaf, text } from './leaf.ts';

export const domainLeaves: readonly Leaf[] = [
  {
    usage: 'add <domain>',
    about: 'take mail for a domain',
    examples: ['domain add example.org --tenant acme'],
    options: [['--tenant <name>', 'who owns it; may be left out where there is one tenant only']],
    run: async ({ provision }, [name = ''], options) =>
      answer(await addDomain(provision, name, text(options, 'tenant')), (record) =>
        told(record, `domain ${record.domain} added to tenant ${record.tenant}`),
      ),
  },
  {
    usage: 'list',
    about: 'list domains',
    examples: ['domain list', 'domain list --tenant acme --json'],
    options: [['--tenant <name>', 'of one tenant only']],
    run: async ({ provision }, _args, options) =>
      answer(await listDomains(provision, text(options, 'tenant')), (records) => ({
        text: table(['DOMAIN', 'TENANT', 'ADDRESSES', 'DKIM', 'CATCH-ALL'], records.map(row)),
        json: records.map(view),
      })),
  },
  {
    usage: 'show <domain>',
    about: 'show one domain',
    examples: ['domain show example.org'],
    run: async ({ provision }, [name = '']) =>
      answer(await showDomain(provision, name), ({ record }) => ({
        text: facts([
          ['domain', record.domain],
          ['tenant', record.tenant],
          ['addresses', `${record.addresses}`],
          ['postmaster', record.postmaster ?? 'nobody'],
          ['catch-all', record.catchAll ?? 'nobody'],
          ['DKIM', record.dkim.map(({ selector }) => selector).join(', ') || 'no key'],
          ['added', time(record.createdAtMs)],
        ]),
        json: view(record),
      })),
  },
  {
    usage: 'remove <domain>',
    about: 'stop taking mail for a domain that has no addresses left',
    examples: ['domain remove example.org'],
    run: async ({ provision }, [name = '']) =>
      answer(await removeDomain(provision, name), (record) =>
        told(record, `domain ${record.domain} removed`),
      ),
  },
  {
    usage: 'catch-all <domain> [address]',
    about: 'send mail for addresses that nobody has to one address; to nobody without it',
    examples: ['domain catch-all example.org carol@example.org', 'domain catch-all example.org'],
    run: async ({ provision }, [name = '', target]) =>
      answer(await setCatchAll(provision, name, target), (record) =>
        told(record, `catch-all of ${record.domain} is ${record.catchAll ?? 'nobody'}`),
      ),
  },
  {
    usage: 'postmaster <domain> [address]',
    about: 'say who answers for postmaster@; the first account does unless told otherwise',
    examples: ['domain postmaster example.org carol@example.org'],
    run: async ({ provision }, [name = '', target]) =>
      answer(await setPostmaster(provision, name, target), (record) =>
        told(record, `postmaster of ${record.domain} is ${record.postmaster ?? 'the catch-all, if any'}`),
      ),
  },
];

function row({ domain, tenant, addresses, dkim, catchAll }: DomainRecord): readonly string[] {
  const selectors = dkim.map(({ selector }) => selector).join(',');
  return [domain, tenant, `${addresses}`, selectors || '-', catchAll ?? '-'];
}

function told(record: DomainRecord, says: string): Answer {
  return { text: says, json: view(record) };
}

/** Without the private keys. */
function view({ domain, tenant, addresses, dkim, catchAll, postmaster, createdAtMs }: DomainRecord) {
  return {
    domain,
    tenant,
    addresses,
    postmaster: postmaster ?? null,
    catchAll: catchAll ?? null,
    dkim: dkim.map(({ selector, algorithm }) => ({ selector, algorithm })),
    addedAt: new Date(createdAtMs).toISOString(),
  };
}
