/** The difference between two states of one mailbox, as a session has to report it. Pure. */
import type { Columns, MailboxState } from '../../mail/account/state.ts';

export interface Alterations {
  /** Rows of the old state that are gone, ascending. */
  readonly gone: number[];
  /** Rows whose mod-sequence changed, ascending: where they were, and where they are now. */
  readonly changed: readonly number[];
  readonly changedNow: readonly number[];
}

/** One pass over the old rows; none where the columns tell that nothing changed. */
export function alterations(before: Columns, now: Columns): Alterations {
  const same =
    before.count === 0 ||
    (now.count >= before.count && now.uid[before.count - 1] === before.uid[before.count - 1]);
  // Rows only leave or come at the end: the last old row in its place means that none has left.
  if (!same) return merge(before, now);
  const changed = before.modSeq === now.modSeq ? [] : changedInPlace(before, now);
  return { gone: [], changed, changedNow: changed };
}

function changedInPlace(before: Columns, now: Columns): readonly number[] {
  const changed: number[] = [];
  const old = before.modSeq;
  const { modSeq } = now;
  for (let row = 0; row < before.count; row++) if (old[row] !== modSeq[row]) changed.push(row);
  return changed;
}

function merge(before: Columns, now: Columns): Alterations {
  const gone: number[] = [];
  const changed: number[] = [];
  const changedNow: number[] = [];
  let to = 0;
  for (let from = 0; from < before.count; from++) {
    if (to >= now.count || now.uid[to] !== before.uid[from]) {
      gone.push(from);
      continue;
    }
    if (before.modSeq[from] !== now.modSeq[to]) {
      changed.push(from);
      changedNow.push(to);
    }
    to++;
  }
  return { gone, changed, changedNow };
}

/**
 * `before` with the flags and mod-sequences of `now`: the rows that are gone stay, with what
 * was known of them, and those that came are left out. Both must share their table of flags.
 */
export function keepNumbers(before: MailboxState, now: MailboxState): MailboxState {
  const old = before.columns;
  const next = now.columns;
  const flagSet = old.flagSet.slice(0, old.count);
  const modSeq = old.modSeq.slice(0, old.count);
  let to = 0;
  for (let from = 0; from < old.count; from++) {
    if (to >= next.count || next.uid[to] !== old.uid[from]) continue;
    flagSet[from] = next.flagSet[to] ?? 0;
    modSeq[from] = next.modSeq[to] ?? 0;
    to++;
  }
  const { count, uid, sizeBytes, internalDateMs, flagSets } = old;
  const messageId = (row: number) => old.messageId(row);
  return {
    ...before,
    columns: { count, uid, flagSet, modSeq, sizeBytes, internalDateMs, flagSets, messageId },
  };
}
