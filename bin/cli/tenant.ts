/** `postfold tenant`: the parties that own domains. */
import type { TenantRecord } from '../../core/mail/ports/directory-store.ts';
import { addTenant, listTenants, removeTenant, showTenant } from '../../core/service/provision/tenants.ts';
import { facts, table, time } from './format.ts';
import { type Answer, answer, type Leaf } from './leaf.ts';

export const tenantLeaves: readonly Leaf[] = [
  {
    usage: 'add <name>',
    about: 'make a tenant',
    examples: ['tenant add acme'],
    run: async ({ provision }, [name = '']) =>
      answer(await addTenant(provision, name), (record) => told(record, `tenant ${record.tenant} added`)),
  },
  {
    usage: 'list',
    about: 'list all tenants',
    examples: ['tenant list', 'tenant list --json'],
    run: async ({ provision }) => {
      const records = await listTenants(provision);
      const rows = records.map(({ tenant, domains, createdAtMs }) => [
        tenant,
        `${domains}`,
        time(createdAtMs),
      ]);
      return { done: { text: table(['TENANT', 'DOMAINS', 'ADDED'], rows), json: records.map(view) } };
    },
  },
  {
    usage: 'show <name>',
    about: 'show one tenant',
    examples: ['tenant show acme'],
    run: async ({ provision }, [name = '']) =>
      answer(await showTenant(provision, name), (record) => ({
        text: facts([
          ['tenant', record.tenant],
          ['domains', `${record.domains}`],
          ['added', time(record.createdAtMs)],
        ]),
        json: view(record),
      })),
  },
  {
    usage: 'remove <name>',
    about: 'remove a tenant that has no domains left',
    examples: ['tenant remove acme'],
    run: async ({ provision }, [name = '']) =>
      answer(await removeTenant(provision, name), (record) =>
        told(record, `tenant ${record.tenant} removed`),
      ),
  },
];

function told(record: TenantRecord, text: string): Answer {
  return { text, json: view(record) };
}

function view({ tenant, domains, createdAtMs }: TenantRecord) {
  return { tenant, domains, addedAt: new Date(createdAtMs).toISOString() };
}
