/**
 * Who a login name and a password are. Two strongly consistent reads (so that a changed
 * password or a revoked app password counts at once), then the password check. A wrong name
 * takes as long as a wrong password.
 */
import { domainToASCII } from 'node:url';
import { appPasswordLetters, verifyAppPassword } from '../../auth/passwords/app-password.ts';
import type { PasswordVerifier } from '../../auth/passwords/verifier.ts';
import { canonical } from '../../mail/address.ts';
import type { TenantId } from '../../mail/ids.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { AccountRecord, DirectoryStore } from '../../mail/ports/directory-store.ts';
import { maxLoginOctets, maxPasswordOctets } from './limits.ts';

/** No tenant's name: '-' alone is refused when tenants are made. */
const nobody = '-' as TenantId;

/** Verifies the pair. Throws PasswordChecksBusy and what the store throws. */
export async function authenticate(
  store: DirectoryStore,
  verifier: PasswordVerifier,
  login: string,
  password: string,
): Promise<Identity | undefined> {
  if (Buffer.byteLength(password) > maxPasswordOctets) return undefined;
  const address = loginAddress(login);
  const record = address === undefined ? undefined : await accountAt(store, address);
  if (!record || !(await passwordFits(verifier, record, password))) {
    if (!record) await verifier.verify(undefined, password);
    return undefined;
  }
  const { tenant, account, quotaBytes } = record;
  return { account: { tenant, account }, login: record.address, quotaBytes };
}

/** The login name as a route key: lower case, NFC, the domain as A-labels; undefined when it cannot be an address. */
export function loginAddress(login: string): string | undefined {
  if (Buffer.byteLength(login) > maxLoginOctets) return undefined;
  const at = login.lastIndexOf('@');
  const domain = at > 0 ? domainToASCII(login.slice(at + 1)) : '';
  if (domain === '') return undefined;
  return canonical({ localPart: login.slice(0, at), domain });
}

/** The account whose own address this is; an alias is no login name. */
async function accountAt(store: DirectoryStore, address: string): Promise<AccountRecord | undefined> {
  const route = (await store.routes([address], true)).get(address);
  if (route?.kind !== 'account') {
    await store.record(nobody, 'account'); // as many reads as for somebody
    return undefined;
  }
  const record = await store.record(route.tenant, `account#${route.account}`);
  return record?.kind === 'account' ? record : undefined;
}

/** App passwords first: they cost nothing and have a form that people's passwords hardly ever have. */
async function passwordFits(
  verifier: PasswordVerifier,
  record: AccountRecord,
  password: string,
): Promise<boolean> {
  const letters = appPasswordLetters(password);
  if (letters !== undefined && record.appPasswords.some(({ hash }) => verifyAppPassword(hash, letters))) {
    return true;
  }
  return verifier.verify(record.passwordHash, password);
}
