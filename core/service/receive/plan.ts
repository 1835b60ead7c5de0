/**
 * Who gets the message: recipients as RCPT named them become accounts and remote addresses, each
 * once, grouped by the tenant whose copy it is. Pure.
 */
import assert from 'node:assert/strict';
import { type Address, canonical, parseAddress } from '../../mail/address.ts';
import { partitionKey, type TenantId } from '../../mail/ids.ts';
import type { IngestEvent, IngestRecipient } from './event.ts';

type LocalRecipient = IngestRecipient['local'][number];

export interface LocalCopy extends LocalRecipient {
  /** The first RCPT that led to the account. */
  readonly address: string;
}

export interface RemoteCopy {
  readonly address: Address;
  /** As it is written. */
  readonly text: string;
  /** The first RCPT that led there. */
  readonly original: string;
}

/** One tenant's share: one body object, one record and entry per account, jobs by domain. */
export interface TenantPlan {
  readonly tenant: TenantId;
  readonly local: readonly LocalCopy[];
  readonly remote: readonly RemoteCopy[];
}

/** The tenants in order of their first recipient. */
export function planOf(event: IngestEvent): readonly TenantPlan[] {
  const plans = new Map<TenantId, { local: Map<string, LocalCopy>; remote: Map<string, RemoteCopy> }>();
  const planFor = (tenant: TenantId) => {
    const plan = plans.get(tenant) ?? { local: new Map(), remote: new Map() };
    plans.set(tenant, plan);
    return plan;
  };
  for (const recipient of event.recipients) {
    for (const one of recipient.local) {
      const { local } = planFor(one.account.tenant);
      const key = partitionKey(one.account);
      if (!local.has(key)) local.set(key, { ...one, address: recipient.address });
    }
    for (const text of recipient.remote) {
      const address = parseAddress(text);
      assert.ok(address, 'remote recipients were parsed by the server');
      const { remote } = planFor(recipient.tenant ?? ownTenant(event));
      if (!remote.has(canonical(address)))
        remote.set(canonical(address), { address, text, original: recipient.address });
    }
  }
  return [...plans].map(([tenant, { local, remote }]) => ({
    tenant,
    local: [...local.values()],
    remote: [...remote.values()],
  }));
}

/** Who answers for mail to foreign addresses: the submitter's tenant. */
function ownTenant({ identity }: IngestEvent): TenantId {
  const own = identity?.account.tenant;
  assert.ok(own, 'a foreign recipient needs somebody who answers for it');
  return own;
}
