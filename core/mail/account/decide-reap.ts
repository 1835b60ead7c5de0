/** Deciding what the reaper may claim: messages that no mailbox names (docs/log.md, "Reaping"). */
import type { MessageId } from '../ids.ts';
import { change, type Decision, nothing } from './decision.ts';
import type { AccountState } from './state.ts';

/** Claims those of the ids that are not named. */
export function decideReap(state: AccountState, ids: readonly MessageId[]): Decision {
  const messageIds = unnamedOf(state, ids);
  return messageIds.length === 0 ? nothing : change({ kind: 'reaped', messageIds });
}

/** Those of the ids that no row of any mailbox names, each once. */
export function unnamedOf({ mailboxes }: AccountState, ids: readonly MessageId[]): readonly MessageId[] {
  const unnamed = new Set(ids);
  for (const { columns } of mailboxes.values())
    for (let row = 0; row < columns.count; row++) unnamed.delete(columns.messageId(row));
  return [...unnamed];
}
