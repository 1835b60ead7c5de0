/** An account's password and app passwords. Nothing here can be turned back into a password. */
import { newAppPassword } from '../../auth/passwords/app-password.ts';
import { hashPassword } from '../../auth/passwords/argon2id.ts';
import type { AccountRecord, AppPassword } from '../../mail/ports/directory-store.ts';
import { changeAccount, showAccount } from './accounts.ts';
import type { Provision } from './context.ts';
import { parsePassword } from './names.ts';
import { type Outcome, refuse } from './outcome.ts';

/** App passwords of one account: each is a few octets of an item and a hash at login. */
const maxAppPasswords = 50;

/** The stored form of a new password, or what is wrong with it. */
export async function acceptPassword(text: string): Promise<Outcome<string>> {
  const password = parsePassword(text);
  return 'refused' in password ? password : { done: await hashPassword(password.done) };
}

/** Sessions that are logged in stay; app passwords stay. */
export async function setPassword(
  provision: Provision,
  address: string,
  text: string,
): Promise<Outcome<AccountRecord>> {
  const hash = await acceptPassword(text);
  if ('refused' in hash) return hash;
  return changeAccount(provision, address, (record) => ({ done: { ...record, passwordHash: hash.done } }));
}

/** Makes an app password. The text in the answer is the only time it can be seen. */
export async function addAppPassword(
  provision: Provision,
  address: string,
  name: string,
): Promise<Outcome<{ readonly record: AccountRecord; readonly text: string }>> {
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(name)) {
    return refuse(`'${name}' is no name: use letters, digits, space and '._-', at most 64`);
  }
  const { text, hash } = newAppPassword();
  const made = await changeAccount(provision, address, (record) => {
    if (record.appPasswords.some((one) => one.name === name)) {
      return refuse(`${record.address} has an app password '${name}' already`);
    }
    if (record.appPasswords.length >= maxAppPasswords) {
      return refuse(`${record.address} has ${maxAppPasswords} app passwords: remove one first`);
    }
    const appPasswords = [...record.appPasswords, { name, hash, createdAtMs: provision.now() }];
    return { done: { ...record, appPasswords } };
  });
  return 'refused' in made ? made : { done: { record: made.done, text } };
}

export async function listAppPasswords(
  provision: Provision,
  address: string,
): Promise<Outcome<readonly AppPassword[]>> {
  const found = await showAccount(provision, address);
  return 'refused' in found ? found : { done: found.done.record.appPasswords };
}

export function removeAppPassword(
  provision: Provision,
  address: string,
  name: string,
): Promise<Outcome<AccountRecord>> {
  return changeAccount(provision, address, (record) => {
    const appPasswords = record.appPasswords.filter((one) => one.name !== name);
    return appPasswords.length === record.appPasswords.length
      ? refuse(`${record.address} has no app password '${name}'`)
      : { done: { ...record, appPasswords } };
  });
}
