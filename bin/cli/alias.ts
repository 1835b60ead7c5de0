/** `postfold alias`: addresses that lead to others. */
import type { AliasRecord } from '../../core/mail/ports/directory-store.ts';
import { addAlias, listAliases, removeAlias, showAlias } from '../../core/service/provision/aliases.ts';
import { facts, table, time } from './format.ts';
import { type Answer, answer, type Leaf, text } from './leaf.ts';

export const aliasLeaves: readonly Leaf[] = [
  {
    usage: 'add <address> <targets...>',
    about: 'make an alias; its targets may be accounts, aliases or addresses elsewhere',
    examples: [
      'alias add sales@example.org carol@example.org dave@example.net',
      'alias add sales@example.org carol@example.org --replace',
    ],
    options: [['--replace', 'give an existing alias these targets instead']],
    run: async ({ provision }, [address = '', ...targets], options) =>
      answer(await addAlias(provision, address, targets, options.replace === true), (record) =>
        told(record, `leads to ${record.targets.join(', ')}`),
      ),
  },
  {
    usage: 'list',
    about: 'list aliases',
    examples: ['alias list', 'alias list --tenant acme --json'],
    options: [['--tenant <name>', 'of one tenant only']],
    run: async ({ provision }, _args, options) =>
      answer(await listAliases(provision, text(options, 'tenant')), (records) => ({
        text: table(
          ['ALIAS', 'TENANT', 'TARGETS'],
          records.map(({ address, tenant, targets }) => [address, tenant, targets.join(', ')]),
        ),
        json: records.map(view),
      })),
  },
  {
    usage: 'show <address>',
    about: 'show one alias',
    examples: ['alias show sales@example.org'],
    run: async ({ provision }, [address = '']) =>
      answer(await showAlias(provision, address), ({ record }) => ({
        text: facts([
          ['alias', record.address],
          ['tenant', record.tenant],
          ['targets', record.targets.join(', ')],
          ['added', time(record.createdAtMs)],
        ]),
        json: view(record),
      })),
  },
  {
    usage: 'remove <address>',
    about: 'remove an alias',
    examples: ['alias remove sales@example.org'],
    run: async ({ provision }, [address = '']) =>
      answer(await removeAlias(provision, address), (record) => told(record, 'removed')),
  },
];

function told(record: AliasRecord, says: string): Answer {
  return { text: `alias ${record.address} ${says}`, json: view(record) };
}

function view({ address, tenant, targets, createdAtMs }: AliasRecord) {
  return { address, tenant, targets, addedAt: new Date(createdAtMs).toISOString() };
}
