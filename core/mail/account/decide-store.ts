/** Deciding STORE: which flags really change. RFC 9051 6.4.6, RFC 7162 3.1.3 (UNCHANGEDSINCE). */

import { canonicalFlags, changeFlags, maxFlagsPerMessage } from '../flags.ts';
import type { MailboxId, ModSeq } from '../ids.ts';
import { formatUidSet, type UidSet, uidSetOf } from '../uid-set.ts';
import { spell } from './decide-append.ts';
import { change, type Decision, noSuchMailbox, nothing, refuse } from './decision.ts';
import type { FlagChange } from './entry.ts';
import { checkFlagRoom } from './flag-room.ts';
import { maxEntryRanges, maxFlagChanges } from './limits.ts';
import { type AccountState, type MailboxState, rowRangesOf } from './state.ts';

export interface StoreWish {
  readonly mailbox: MailboxId;
  /** UIDs that are not there are passed over. */
  readonly uids: UidSet;
  readonly mode: 'set' | 'add' | 'remove';
  /** Valid flags (flags.ts, parseFlag). */
  readonly flags: readonly string[];
  /** Rows changed after this are left alone and reported. */
  readonly unchangedSince?: ModSeq | 0 | undefined;
}

export interface StoreDecision {
  readonly decision: Decision;
  /** UIDs that failed UNCHANGEDSINCE, among those looked at. */
  readonly modified: UidSet;
  /** UIDs that did not fit this entry: decide on them next. Empty unless `decision.more`. */
  readonly rest: UidSet;
}

/** Decides one entry of a STORE; `max` ranges at most. */
export function decideStore(state: AccountState, wish: StoreWish, max = maxEntryRanges): StoreDecision {
  const mailbox = state.mailboxes.get(wish.mailbox);
  if (mailbox === undefined) return refused(noSuchMailbox);
  const flags = spell(mailbox, canonicalFlags(wish.flags));
  const tooMany = checkFlags(mailbox, flags, wish.mode);
  if (tooMany !== undefined) return refused(tooMany);
  return decideRows(mailbox, { ...wish, flags }, max);
}

function checkFlags(
  mailbox: MailboxState,
  flags: readonly string[],
  mode: StoreWish['mode'],
): Decision | undefined {
  if (mode === 'remove') return undefined;
  if (flags.length > maxFlagsPerMessage) return refuse('LIMIT', `More than ${maxFlagsPerMessage} flags`);
  return checkFlagRoom(mailbox.columns, flags);
}

/** What one set of flags becomes: nothing, or a change shared by all rows with that set. */
type Group = {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly uids: [number, number][];
};

function decideRows(mailbox: MailboxState, wish: StoreWish, max: number): StoreDecision {
  const { columns } = mailbox;
  const { uid: uids } = columns;
  const since = wish.unchangedSince;
  const bySet = new Map<number, Group | 'same' | 'full'>();
  const groups = new Map<string, Group>();
  const modified: number[] = [];
  let ranges = 0;
  for (const [start, end] of rowRangesOf(columns, wish.uids)) {
    for (let row = start; row < end; row++) {
      const uid = uids[row] ?? 0;
      if (since !== undefined && columns.modSeq(row) > since) {
        modified.push(uid);
        continue;
      }
      const set = columns.flagSet(row);
      let group = bySet.get(set);
      if (group === undefined) {
        group = groupFor(columns.flagSets.flags(set), wish, groups);
        bySet.set(set, group);
      }
      if (group === 'same') continue;
      if (group === 'full') return refused(refuse('LIMIT', `More than ${maxFlagsPerMessage} flags`));
      if (addUid(group.uids, uid)) ranges++;
      if (ranges > max || groups.size > maxFlagChanges) return cutShort(wish, groups, uid, modified);
    }
  }
  const changes = [...groups.values()].map(toChange);
  const decision =
    changes.length === 0 ? nothing : change({ kind: 'flagged', mailbox: wish.mailbox, changes });
  return { decision, modified: uidSetOf(modified), rest: [] };
}

function refused(decision: Decision): StoreDecision {
  return { decision, modified: [], rest: [] };
}

function groupFor(
  old: readonly string[],
  { mode, flags }: StoreWish,
  groups: Map<string, Group>,
): Group | 'same' | 'full' {
  const add = mode === 'remove' ? [] : flags.filter((flag) => !old.includes(flag));
  const remove =
    mode === 'add'
      ? []
      : mode === 'remove'
        ? flags.filter((flag) => old.includes(flag))
        : old.filter((flag) => !flags.includes(flag));
  if (add.length + remove.length === 0) return 'same';
  if (changeFlags(old, add, remove).length > maxFlagsPerMessage) return 'full';
  const key = `${add.join(' ')}|${remove.join(' ')}`;
  const group = groups.get(key) ?? { add, remove, uids: [] };
  groups.set(key, group);
  return group;
}

/** Adds a UID above all before; true if that made a new range. */
function addUid(ranges: [number, number][], uid: number): boolean {
  const last = ranges[ranges.length - 1];
  if (last !== undefined && last[1] === uid - 1) {
    last[1] = uid;
    return false;
  }
  ranges.push([uid, uid]);
  return true;
}

/** The entry is full with the row before `uid`: takes that one out again and leaves it and all above for the next. */
function cutShort(
  wish: StoreWish,
  groups: Map<string, Group>,
  uid: number,
  modified: readonly number[],
): StoreDecision {
  for (const { uids } of groups.values()) if (uids.at(-1)?.[0] === uid) uids.pop();
  const changes = [...groups.values()].filter(({ uids }) => uids.length > 0).map(toChange);
  const rest = wish.uids
    .filter(([, end]) => end >= uid)
    .map(([start, end]) => [Math.max(start, uid), end] as const);
  return {
    decision: change({ kind: 'flagged', mailbox: wish.mailbox, changes }, true),
    modified: uidSetOf(modified),
    rest,
  };
}

function toChange({ add, remove, uids }: Group): FlagChange {
  return { uids: formatUidSet(uids), add, remove };
}
