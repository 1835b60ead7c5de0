/** `postfold app-password`: one password per program, made by us, each revocable alone. */
import type { AppPassword } from '../../core/mail/ports/directory-store.ts';
import {
  addAppPassword,
  listAppPasswords,
  removeAppPassword,
} from '../../core/service/provision/credentials.ts';
import { refuse } from '../../core/service/provision/outcome.ts';
import { facts, table, time } from './format.ts';
import { answer, type Leaf } from './leaf.ts';

export const appPasswordLeaves: readonly Leaf[] = [
  {
    usage: 'add <address> <name>',
    about: 'make an app password and print it, this once',
    examples: ['app-password add carol@example.org phone'],
    run: async ({ provision }, [address = '', name = '']) =>
      answer(await addAppPassword(provision, address, name), ({ record, text }) => ({
        text,
        json: { address: record.address, name, password: text },
      })),
  },
  {
    usage: 'list <address>',
    about: 'list the app passwords of an account by name',
    examples: ['app-password list carol@example.org'],
    run: async ({ provision }, [address = '']) =>
      answer(await listAppPasswords(provision, address), (found) => ({
        text: table(
          ['NAME', 'ADDED'],
          found.map(({ name, createdAtMs }) => [name, time(createdAtMs)]),
        ),
        json: found.map(view),
      })),
  },
  {
    usage: 'show <address> <name>',
    about: 'show one app password, without its text, which is kept nowhere',
    examples: ['app-password show carol@example.org phone'],
    run: async ({ provision }, [address = '', name = '']) => {
      const found = await listAppPasswords(provision, address);
      if ('refused' in found) return found;
      const one = found.done.find((each) => each.name === name);
      if (!one) return refuse(`${address} has no app password '${name}'`);
      const shown = facts([
        ['name', one.name],
        ['added', time(one.createdAtMs)],
      ]);
      return { done: { text: shown, json: view(one) } };
    },
  },
  {
    usage: 'remove <address> <name>',
    about: 'revoke an app password',
    examples: ['app-password remove carol@example.org phone'],
    run: async ({ provision }, [address = '', name = '']) =>
      answer(await removeAppPassword(provision, address, name), (record) => ({
        text: `app password '${name}' of ${record.address} removed`,
        json: { address: record.address, name },
      })),
  },
];

function view({ name, createdAtMs }: AppPassword) {
  return { name, addedAt: new Date(createdAtMs).toISOString() };
}
