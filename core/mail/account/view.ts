/**
 * A session's view of its selected mailbox: the rows that the client knows, by sequence
 * number. Shares the mailbox's columns; makes a UID list of its own only while there are
 * expunges it may not report yet. RFC 9051 2.3.1.2, 7.5.1 (when EXPUNGE may be sent).
 */
import assert from 'node:assert/strict';
import type { MailboxId, ModSeq, SequenceNumber, Uid, UidValidity } from '../ids.ts';
import { type UidSet, uidSetOf } from '../uid-set.ts';
import { type AccountState, type Columns, firstRowFrom, type MailboxState, rowOf } from './state.ts';

export interface ChangedRow {
  readonly seq: SequenceNumber;
  readonly uid: Uid;
  /** In `view.columns`. */
  readonly row: number;
  readonly modSeq: ModSeq;
}

/** What to tell the client, in this order. */
export interface ViewChanges {
  /** The mailbox was deleted, or is another one now: end the session or deselect. */
  readonly gone: boolean;
  /** From the highest down, so that no number shifts before it is sent. */
  readonly expunged: readonly SequenceNumber[];
  /** The same messages by UID, ascending (VANISHED). */
  readonly vanished: UidSet;
  /** The new number of messages, if some were added. */
  readonly exists: number | undefined;
  /** Rows known before whose flags or modSeq changed since the last sync, ascending. */
  readonly changed: readonly ChangedRow[];
}

const unchanged: ViewChanges = { gone: false, expunged: [], vanished: [], exists: undefined, changed: [] };

export class MailboxView {
  readonly mailbox: MailboxId;
  readonly uidValidity: UidValidity;
  #known: { readonly uid: Uint32Array; readonly count: number };
  #current: MailboxState;
  #pendingExpunge = false;

  /** A view that knows all rows of the mailbox in `state`; the mailbox must exist. */
  constructor(state: AccountState, mailbox: MailboxId) {
    const current = state.mailboxes.get(mailbox);
    assert.ok(current !== undefined);
    this.mailbox = mailbox;
    this.uidValidity = current.uidValidity;
    this.#current = current;
    this.#known = current.columns;
  }

  /** Number of messages that the client knows of (EXISTS). */
  get count(): number {
    return this.#known.count;
  }

  /** The mailbox as of the last sync. */
  get current(): MailboxState {
    return this.#current;
  }

  /** Columns as of the last sync; find a row with `rowAt` or `rowOf`. */
  get columns(): Columns {
    return this.#current.columns;
  }

  /** Whether messages are gone that the client was not told of. */
  get pendingExpunge(): boolean {
    return this.#pendingExpunge;
  }

  /** The highest UID that the client knows, 0 in an empty view: what '*' means for UIDs. */
  get maxUid(): Uid | 0 {
    return (this.#known.count === 0 ? 0 : (this.#known.uid[this.#known.count - 1] ?? 0)) as Uid | 0;
  }

  /** UID of a sequence number from 1 to `count`. */
  uidAt(seq: number): Uid {
    assert.ok(seq >= 1 && seq <= this.#known.count);
    return this.#known.uid[seq - 1] as Uid;
  }

  /** Sequence number of a UID that the client knows, or 0. */
  seqOf(uid: number): SequenceNumber | 0 {
    const row = firstRowFrom(this.#known, uid);
    return (row < this.#known.count && this.#known.uid[row] === uid ? row + 1 : 0) as SequenceNumber | 0;
  }

  /** Row in `columns` of a sequence number, or -1 for a message that is gone and not reported yet. */
  rowAt(seq: number): number {
    if (!this.#pendingExpunge) return seq - 1;
    return rowOf(this.columns, this.uidAt(seq));
  }

  /** UIDs of a resolved set of sequence numbers; those beyond `count` are passed over. */
  uidsOfSequence(set: UidSet): UidSet {
    return this.#uidsOf(set.map(([start, end]) => [start - 1, Math.min(end, this.count)]));
  }

  /** The UIDs of a set that the client knows: cheap for huge ranges. */
  knownUids(set: UidSet): UidSet {
    return this.#uidsOf(
      set.map(([first, last]) => [firstRowFrom(this.#known, first), firstRowFrom(this.#known, last + 1)]),
    );
  }

  /** From ranges [start, end) of places in the list. */
  #uidsOf(places: readonly (readonly [number, number])[]): UidSet {
    const { uid } = this.#known;
    return uidSetOf(
      (function* () {
        for (const [start, end] of places)
          for (let place = start; place < end; place++) yield uid[place] ?? 0;
      })(),
    );
  }

  /**
   * Takes over a newer state and says what the client must be told. Without `allowExpunge` (during
   * FETCH, STORE, SEARCH by number) messages that are gone keep their numbers until later.
   */
  sync(state: AccountState, { allowExpunge }: { readonly allowExpunge: boolean }): ViewChanges {
    const next = state.mailboxes.get(this.mailbox);
    if (next === undefined || next.uidValidity !== this.uidValidity) return { ...unchanged, gone: true };
    const before = this.#current;
    if (next === before && !(allowExpunge && this.#pendingExpunge)) return unchanged;
    this.#current = next;
    const maxBefore = this.maxUid;
    const sizeBefore = this.count;
    const missing = this.#missing(next.columns);
    const expunged = allowExpunge ? missing : [];
    const vanished = uidSetOf(expunged.map((seq) => this.uidAt(seq)));
    this.#take(next.columns, missing.length > 0 && !allowExpunge);
    const grown = this.count > sizeBefore - expunged.length;
    return {
      gone: false,
      expunged: expunged.toReversed(),
      vanished,
      exists: grown ? this.count : undefined,
      // Changing flags makes a new modSeq column: with the old one, all that was known before is as it was.
      changed:
        next.columns.modSeq === before.columns.modSeq
          ? []
          : this.#changedSince(before.highestModSeq, maxBefore),
    };
  }

  /** Sequence numbers, ascending, of known messages that are not in `columns`. */
  #missing(columns: Columns): readonly SequenceNumber[] {
    const { uid, count } = this.#known;
    // Both lists ascend and UIDs never come back: if the last known one has its old place, none is missing.
    if (count === 0 || (columns.count >= count && columns.uid[count - 1] === uid[count - 1])) return [];
    const missing: SequenceNumber[] = [];
    for (let place = 0, row = 0; place < count; place++) {
      if (row < columns.count && columns.uid[row] === uid[place]) row++;
      else missing.push((place + 1) as SequenceNumber);
    }
    return missing;
  }

  #take(columns: Columns, keepMissing: boolean): void {
    this.#pendingExpunge = keepMissing;
    if (!keepMissing) {
      this.#known = columns;
      return;
    }
    const { uid, count } = this.#known;
    const firstNew = firstRowFrom(columns, this.maxUid + 1);
    const list = new Uint32Array(count + columns.count - firstNew);
    list.set(uid.subarray(0, count));
    list.set(columns.uid.subarray(firstNew, columns.count), count);
    this.#known = { uid: list, count: list.length };
  }

  #changedSince(modSeq: number, maxUid: number): readonly ChangedRow[] {
    const { columns, highestModSeq } = this.#current;
    if (highestModSeq <= modSeq) return [];
    const rows = firstRowFrom(columns, maxUid + 1);
    const changed: ChangedRow[] = [];
    for (let row = 0; row < rows; row++) {
      const rowModSeq = columns.modSeq[row] ?? 0;
      if (rowModSeq <= modSeq) continue;
      const uid = columns.uid[row] as Uid;
      const seq = this.seqOf(uid);
      if (seq !== 0) changed.push({ seq, uid, row, modSeq: rowModSeq as ModSeq });
    }
    return changed;
  }
}
