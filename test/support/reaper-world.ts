/** For tests of the reaper: accounts with mail on the real stores. Not used by the servers. */
import { randomUUID } from 'node:crypto';
import { inboxId } from '../../core/mail/account/apply.ts';
import { decideExpunge } from '../../core/mail/account/decide-expunge.ts';
import { openingEntry } from '../../core/mail/account/opening.ts';
import type { AccountKey, MessageId, TenantId } from '../../core/mail/ids.ts';
import type { DirectoryRecord } from '../../core/mail/ports/directory-store.ts';
import { deliverToAccount } from '../../core/service/account/deliver.ts';
import { defaultAccountSettings } from '../../core/service/account/settings.ts';
import { SharedAccount } from '../../core/service/account/shared-account.ts';
import { sampleMessage, sampleRecord } from '../../core/service/account/testkit.ts';
import { reap } from '../../core/service/reap/reap.ts';
import { dayMs, type ReapPorts } from '../../core/service/reap/settings.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { DynamoOutboundBodies } from '../../core/store/outbound-bodies.ts';
import { DynamoReapCursors } from '../../core/store/reap-cursors.ts';
import { openStores } from './stores.ts';

export const farAwayMs = Number.MAX_SAFE_INTEGER;

export async function openReaper() {
  const stores = await openStores();
  const { dynamo } = stores.clients;
  const problems: unknown[] = [];
  const directory = new DynamoDirectoryStore(dynamo, stores.names, randomUUID);
  const ports: ReapPorts = {
    ...stores,
    outboundBodies: new DynamoOutboundBodies(dynamo, stores.names.outbound),
    cursors: new DynamoReapCursors(dynamo, stores.names.directory),
    directory,
    onProblem: (_, cause) => problems.push(cause),
  };
  return new ReaperWorld(stores, ports, directory, problems);
}

export class ReaperWorld {
  readonly stores: Awaited<ReturnType<typeof openStores>>;
  readonly ports: ReapPorts;
  readonly problems: readonly unknown[];
  readonly #directory: DynamoDirectoryStore;

  constructor(
    stores: ReaperWorld['stores'],
    ports: ReapPorts,
    directory: DynamoDirectoryStore,
    problems: readonly unknown[],
  ) {
    this.stores = stores;
    this.ports = ports;
    this.#directory = directory;
    this.problems = problems;
  }

  async record(now: DirectoryRecord): Promise<void> {
    await this.#directory.commit([{ table: 'directory', was: undefined, now }]);
  }

  async newTenant(tenant: string): Promise<void> {
    await this.record({ kind: 'tenant', tenant: tenant as TenantId, createdAtMs: 0, domains: 0 });
  }

  async openAccount(key: AccountKey): Promise<AccountKey> {
    const nowMs = this.stores.clock.now();
    await this.stores.log.append(key, openingEntry(this.stores.ids.entryId(), nowMs));
    const address = `${key.account}@${key.tenant}.example`;
    const empty = { createdAtMs: nowMs, quotaBytes: 0, appPasswords: [], forwards: [], keepCopy: true };
    await this.record({ kind: 'account', ...key, address, ...empty });
    return key;
  }

  /** One message to all of the accounts, one body. */
  async deliver(...keys: readonly AccountKey[]): Promise<MessageId> {
    const record = sampleRecord(this.stores.ids.messageId(), ...keys);
    await this.stores.bodies.put(record.body.key, sampleMessage);
    for (const account of keys)
      await deliverToAccount(this.stores, { account, quotaBytes: 0, mailbox: inboxId, record, flags: [] });
    return record.messageId;
  }

  load(key: AccountKey): Promise<SharedAccount> {
    return SharedAccount.load(key, this.stores, { ...defaultAccountSettings, snapshotEvery: 10 });
  }

  /** Empties the account's INBOX. */
  async expungeAll(key: AccountKey): Promise<void> {
    await (await this.load(key)).commit((state) =>
      decideExpunge(state, inboxId, undefined, { anyFlags: true }),
    );
  }

  /** One full run over one tenant, the given number of days later. */
  async reapAfter(days: number, tenant: string) {
    await this.stores.clock.advance(days * dayMs);
    const { directory } = this.ports;
    const one = {
      tenants: async function* () {
        yield tenant as TenantId;
      },
      records: directory.records.bind(directory),
      commit: directory.commit.bind(directory),
    };
    return reap({ ...this.ports, directory: one }, farAwayMs);
  }

  /** `body` and the accounts that have a record. */
  async remains(id: MessageId, ...keys: readonly AccountKey[]): Promise<string> {
    const found: string[] = [];
    const [first] = keys;
    if (first !== undefined) {
      const { body } = sampleRecord(id, first);
      if ((await this.stores.bodies.list(body.key, '')).length > 0) found.push('body');
    }
    for (const key of keys) if ((await this.stores.messages.get(key, [id])).size > 0) found.push(key.account);
    return found.join(' ');
  }
}
