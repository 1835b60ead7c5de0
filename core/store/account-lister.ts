/** The AccountLister port over table Directory: the account items of every tenant, and the marks of removed ones. */
import type { AccountKey } from '../mail/ids.ts';
import type { AccountLister, RemovedAccount } from '../mail/ports/account-lister.ts';
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

  async *removed(): AsyncGenerator<RemovedAccount> {
    for await (const tenant of this.#store.tenants()) {
      for await (const record of this.#store.records(tenant, 'removed#')) {
        if (record.kind !== 'removed') continue;
        const { account, removedAtMs } = record;
        yield { account: { tenant, account }, removedAtMs };
      }
    }
  }

  async forget({ tenant, account }: AccountKey): Promise<void> {
    const was = await this.#store.record(tenant, `removed#${account}`);
    // A lost race means that somebody else took it away.
    if (was) await this.#store.commit([{ table: 'directory', was, now: undefined }]);
  }
}
