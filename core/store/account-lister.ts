/** The AccountLister port over table Directory: the account items of every tenant. */
import type { AccountKey } from '../mail/ids.ts';
import type { AccountLister } from '../mail/ports/account-lister.ts';
import type { DirectoryStore } from '../mail/ports/directory-store.ts';

export class DirectoryAccountLister implements AccountLister {
  readonly #store: DirectoryStore;

  constructor(store: DirectoryStore) {
    this.#store = store;
  }

  async *accounts(): AsyncGenerator<AccountKey> {
    for await (const tenant of this.#store.tenants()) {
      for await (const record of this.#store.records(tenant, 'account#')) {
        if (record.kind === 'account') yield { tenant, account: record.account };
      }
    }
  }
}
