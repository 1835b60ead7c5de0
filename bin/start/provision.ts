/** The accounts that a first start makes, and what the administrative commands need to make more. */
import { randomBytes } from 'node:crypto';
import { hashPassword } from '../../core/auth/passwords/argon2id.ts';
import type { AccountId } from '../../core/mail/ids.ts';
import { addAccount } from '../../core/service/provision/accounts.ts';
import type { Provision } from '../../core/service/provision/context.ts';
import { addDomain } from '../../core/service/provision/domains.ts';
import { logOpener } from '../../core/service/provision/open-log.ts';
import type { Outcome } from '../../core/service/provision/outcome.ts';
import { addTenant, listTenants } from '../../core/service/provision/tenants.ts';
import type { Stores } from './stores.ts';

export function provisionOf(stores: Pick<Stores, 'directoryStore' | 'log' | 'ids' | 'clock'>): Provision {
  const now = () => stores.clock.now();
  return {
    store: stores.directoryStore,
    now,
    newAccountId: () => randomBytes(10).toString('hex') as AccountId,
    openLog: logOpener(stores.log, stores.ids, now),
  };
}

export interface Demo {
  readonly accounts: readonly string[];
  readonly password: string;
}

/** Makes tenant `demo`, the domain, and alice and bob; undefined when there is a tenant already. */
export async function provisionDemo(
  provision: Provision,
  domain: string,
  password: string | undefined,
): Promise<Demo | undefined> {
  if ((await listTenants(provision)).length > 0) return undefined;
  const chosen = password ?? randomBytes(9).toString('base64url');
  must(await addTenant(provision, 'demo'));
  must(await addDomain(provision, domain, 'demo'));
  const accounts = [`alice@${domain}`, `bob@${domain}`];
  for (const address of accounts) {
    const passwordHash = await hashPassword(chosen);
    must(await addAccount(provision, { address, passwordHash, quotaBytes: 0 }));
  }
  return { accounts, password: chosen };
}

function must<Value>(outcome: Outcome<Value>): Value {
  if ('done' in outcome) return outcome.done;
  throw new Error(`could not make the demo accounts: ${outcome.refused}`);
}
