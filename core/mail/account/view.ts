/**
 * A session's view of its mailbox: the state that its client has been told of, moved on only
 * where the protocol allows it, so that numbers never shift under a command. Row = sequence
 * number - 1. Pure; knows no wire form. RFC 3501 7.4.1, RFC 9051 7.5.1 (when EXPUNGE may be sent).
 */
import assert from 'node:assert/strict';
import type { MailboxId } from '../ids.ts';
import { MailboxColumns } from './columns.ts';
import { Marks } from './marks.ts';
import type { AccountState, Columns, MailboxState } from './state.ts';

/** What to tell the client, in this order. */
export interface ViewChanges {
  /** Rows that are gone, ascending, by the numbers from before: tell them from the last to the first. */
  readonly gone: readonly number[];
  /** The new number of messages, if some came. */
  readonly exists: number | undefined;
  /** Rows known before whose mod-sequence changed, ascending. */
  readonly changed: Moves;
  /** The columns before this. */
  readonly before: Columns;
}

/** The n-th row of one list is the n-th of the other. */
interface Moves {
  readonly before: readonly number[];
  readonly now: readonly number[];
}

export class MailboxView {
  readonly id: MailboxId;
  #mailbox: MailboxState;

  /** A view that knows all of the mailbox. */
  constructor(mailbox: MailboxState) {
    this.id = mailbox.mailbox;
    this.#mailbox = mailbox;
  }

  /** What the client knows. */
  get mailbox(): MailboxState {
    return this.#mailbox;
  }

  get columns(): Columns {
    return this.#mailbox.columns;
  }

  get count(): number {
    return this.#mailbox.columns.count;
  }

  /**
   * Takes over a newer state and says what the client must be told; undefined when the mailbox itself is gone.
   * Without `allowExpunge` (FETCH, STORE and SEARCH by number) messages that are gone keep their numbers for
   * now, and those that came wait too.
   */
  sync(state: AccountState, allowExpunge: boolean): ViewChanges | undefined {
    const next = state.mailboxes.get(this.id);
    if (next === undefined) return undefined;
    const before = this.#mailbox.columns;
    if (next === this.#mailbox) return { before, gone: [], exists: undefined, changed: none };
    const { gone, changed } = difference(before, next.columns);
    if (gone.length > 0 && !allowExpunge) {
      this.#mailbox = withNumbersKept(this.#mailbox, next);
      return { before, gone: [], exists: undefined, changed: { ...changed, now: changed.before } };
    }
    this.#mailbox = next;
    const grown = next.columns.count > before.count - gone.length;
    return { before, gone, exists: grown ? next.columns.count : undefined, changed };
  }
}

interface Difference {
  readonly gone: readonly number[];
  readonly changed: Moves;
}

const none: Moves = { before: [], now: [] };

/** One pass over the rows before; none where the columns tell that nothing changed. */
function difference(before: Columns, now: Columns): Difference {
  const { count } = before;
  // Rows only leave or come at the end: the last old row in its place means that none has left.
  const isWhole = count === 0 || (now.count >= count && now.uid[count - 1] === before.uid[count - 1]);
  if (!isWhole) return merge(before, now);
  const rows = now.changedSince(before);
  return { gone: [], changed: { before: rows, now: rows } };
}

function merge(before: Columns, now: Columns): Difference {
  const gone: number[] = [];
  const changed = { before: [] as number[], now: [] as number[] };
  let to = 0;
  for (let from = 0; from < before.count; from++) {
    if (to >= now.count || now.uid[to] !== before.uid[from]) {
      gone.push(from);
      continue;
    }
    if (before.modSeq(from) !== now.modSeq(to)) {
      changed.before.push(from);
      changed.now.push(to);
    }
    to++;
  }
  return { gone, changed };
}

/** The rows of `before` with the flags and mod-sequences of `now`; those that are gone have what was known of them. */
function withNumbersKept(before: MailboxState, { columns: now }: MailboxState): MailboxState {
  const { columns: old } = before;
  assert.ok(old instanceof MailboxColumns && now instanceof MailboxColumns);
  const { flagSets } = now;
  // Another table of flags after a reload: sets of rows that are gone may be missing from it.
  const translated = (set: number) =>
    old.flagSets === flagSets ? set : flagSets.index(old.flagSets.flags(set));
  const marks = Marks.empty();
  let to = 0;
  for (let from = 0; from < old.count; from++) {
    if (to < now.count && now.uid[to] === old.uid[from]) {
      marks.append(from, now.flagSet(to), now.modSeq(to));
      to++;
    } else marks.append(from, translated(old.flagSet(from)), old.modSeq(from));
  }
  return { ...before, columns: old.withMarks(marks, flagSets) };
}
