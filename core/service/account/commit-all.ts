/** Commits a wish that may need several entries (`more` in a decision), one after the other. */
import assert from 'node:assert/strict';
import { decideStore, type StoreDecision, type StoreWish } from '../../mail/account/decide-store.ts';
import type { Decision, Refusal } from '../../mail/account/decision.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { UidSet } from '../../mail/uid-set.ts';
import { normalizeRanges } from '../../mail/uid-set.ts';
import type { Account, Effect } from './contract.ts';

/** Entries that one command may make. */
const maxEntries = 10_000;

export interface CommittedAll {
  /** In order; those before a refusal stand. */
  readonly effects: readonly Effect[];
  readonly refusal?: Refusal;
}

/** Decides and commits until the wish is done, there is nothing more to do, or it is refused. */
export async function commitAll(
  account: Pick<Account, 'commit'>,
  decide: (state: AccountState) => Decision,
): Promise<CommittedAll> {
  const effects: Effect[] = [];
  for (let entry = 0; entry < maxEntries; entry++) {
    let more = false;
    const committed = await account.commit((state) => {
      const decision = decide(state);
      more = 'append' in decision && decision.more === true;
      return decision;
    });
    if (committed.kind === 'refused') return { effects, refusal: committed.refusal };
    if (committed.kind === 'nothing') return { effects };
    effects.push(committed.effect);
    if (!more) return { effects };
  }
  assert.fail('a wish has no end');
}

export interface Stored extends CommittedAll {
  /** UIDs that were left alone because of UNCHANGEDSINCE. */
  readonly modified: UidSet;
}

/** STORE in as many entries as it needs. */
export async function storeFlags(
  account: Pick<Account, 'commit'>,
  wish: StoreWish,
  max?: number,
): Promise<Stored> {
  const effects: Effect[] = [];
  let modified: UidSet = [];
  let rest = wish.uids;
  for (let entry = 0; entry < maxEntries; entry++) {
    let last: StoreDecision | undefined;
    const uids = rest;
    const committed = await account.commit((state) => {
      last = decideStore(state, { ...wish, uids }, max);
      return last.decision;
    });
    assert.ok(last !== undefined);
    if (committed.kind === 'refused') return { effects, modified, refusal: committed.refusal };
    modified = normalizeRanges([...modified, ...last.modified]);
    if (committed.kind === 'nothing') return { effects, modified };
    effects.push(committed.effect);
    rest = last.rest;
    if (rest.length === 0) return { effects, modified };
  }
  assert.fail('a STORE has no end');
}
