/**
 * The rows of one mailbox as typed arrays. Appending writes behind the rows that older states
 * see (in place while nobody else has done so); changing flags copies pages of marks (marks.ts);
 * removing rows copies all. So every state ever handed out stays as it was.
 */
import assert from 'node:assert/strict';
import type { MessageId, ModSeq, Uid } from '../ids.ts';
import { FlagTable } from './flag-table.ts';
import { Marks } from './marks.ts';
import { readMessageId, writeMessageId } from './message-id.ts';
import type { Columns } from './state.ts';

/** Sets of flags from which a table is looked through for those that no row has. */
const compactAbove = 1_000;

/** What never changes about a row, shared by all states that have it. */
interface Facts {
  readonly uid: Uint32Array;
  readonly sizeBytes: Float64Array;
  readonly internalDateMs: Float64Array;
  readonly ids: Uint8Array;
  /** Rows written so far by any state; only the state that has all of them may append in place. */
  used: number;
}

export interface NewRow {
  readonly uid: Uid;
  readonly flagSet: number;
  readonly modSeq: ModSeq;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  readonly messageId: MessageId;
}

export class MailboxColumns implements Columns {
  readonly count: number;
  readonly uid: Uint32Array;
  readonly sizeBytes: Float64Array;
  readonly internalDateMs: Float64Array;
  readonly flagSets: FlagTable;
  readonly #facts: Facts;
  readonly #marks: Marks;

  private constructor(count: number, facts: Facts, marks: Marks, flagSets: FlagTable) {
    this.count = count;
    this.uid = facts.uid;
    this.sizeBytes = facts.sizeBytes;
    this.internalDateMs = facts.internalDateMs;
    this.flagSets = flagSets;
    this.#facts = facts;
    this.#marks = marks;
  }

  static empty(): MailboxColumns {
    return MailboxColumns.of(0, emptyFacts(0), Marks.empty(), new FlagTable());
  }

  /** Takes all as it is; there are `count` rows, in UID order. */
  static of(count: number, facts: Omit<Facts, 'used'>, marks: Marks, flagSets: FlagTable): MailboxColumns {
    return new MailboxColumns(count, { ...facts, used: count }, marks, flagSets);
  }

  flagSet(row: number): number {
    return this.#marks.flagSet(row);
  }

  modSeq(row: number): number {
    return this.#marks.modSeq(row);
  }

  changedSince(before: Columns): readonly number[] {
    assert.ok(before instanceof MailboxColumns && before.count <= this.count);
    return before.#marks === this.#marks ? [] : this.#marks.changedSince(before.#marks, before.count);
  }

  messageId(row: number): MessageId {
    assert.ok(row >= 0 && row < this.count);
    return readMessageId(this.#facts.ids, 16 * row);
  }

  packedIds(rows: ArrayLike<number>): Uint8Array {
    const { ids } = this.#facts;
    const packed = new Uint8Array(16 * rows.length);
    for (let index = 0; index < rows.length; index++) {
      const from = 16 * (rows[index] ?? 0);
      assert.ok(from < 16 * this.count);
      for (let at = 0; at < 16; at++) packed[16 * index + at] = ids[from + at] ?? 0;
    }
    return packed;
  }

  /** 16 octets per row. */
  get ids(): Uint8Array {
    return this.#facts.ids.subarray(0, 16 * this.count);
  }

  /** With one more row at the end. */
  append(row: NewRow): MailboxColumns {
    const at = this.count;
    const inPlace = this.#facts.used === at && at < this.uid.length;
    const facts = inPlace ? this.#facts : this.#grownFacts();
    facts.uid[at] = row.uid;
    facts.sizeBytes[at] = row.sizeBytes;
    facts.internalDateMs[at] = row.internalDateMs;
    writeMessageId(facts.ids, 16 * at, row.messageId);
    facts.used = at + 1;
    const marks = inPlace ? this.#marks : this.#marks.fork(this.count);
    if (inPlace) marks.append(at, row.flagSet, row.modSeq);
    else marks.set(at, row.flagSet, row.modSeq);
    return new MailboxColumns(at + 1, facts, marks, this.flagSets);
  }

  /** The same rows, whose marks the caller may change until it hands them on. */
  withOwnMarks(): MailboxColumns {
    const marks = this.#marks.fork(this.count);
    return new MailboxColumns(this.count, this.#facts, marks, compacted(this.flagSets, marks, this.count));
  }

  /** Changes the rows [start, end) of columns made by `withOwnMarks`: `next` gives the set of flags that follows another. */
  changeMarks(start: number, end: number, next: (flagSet: number) => number, modSeq: ModSeq): void {
    this.#marks.change(start, end, next, modSeq);
  }

  /** The same rows with other marks. */
  withMarks(marks: Marks, flagSets: FlagTable): MailboxColumns {
    return new MailboxColumns(this.count, this.#facts, marks, flagSets);
  }

  /** Without the rows that are marked in `dead`, of which there are `deadCount`. */
  without(dead: Uint8Array, deadCount: number): MailboxColumns {
    const capacity = this.count - deadCount;
    const facts = emptyFacts(capacity);
    const marks = Marks.empty();
    let to = 0;
    for (let start = 0; start < this.count; ) {
      while (start < this.count && dead[start] === 1) start++;
      let end = start;
      while (end < this.count && dead[end] !== 1) end++;
      this.#copyFacts(start, end, to, facts);
      for (let row = start; row < end; row++) marks.set(to++, this.flagSet(row), this.modSeq(row));
      start = end;
    }
    assert.equal(to, capacity);
    facts.used = capacity;
    return new MailboxColumns(capacity, facts, marks, compacted(this.flagSets, marks, capacity));
  }

  #grownFacts(): Facts {
    const facts = emptyFacts(Math.max(16, Math.ceil(this.count * 1.5)));
    this.#copyFacts(0, this.count, 0, facts);
    return facts;
  }

  #copyFacts(start: number, end: number, to: number, facts: Facts): void {
    facts.uid.set(this.uid.subarray(start, end), to);
    facts.sizeBytes.set(this.sizeBytes.subarray(start, end), to);
    facts.internalDateMs.set(this.internalDateMs.subarray(start, end), to);
    facts.ids.set(this.#facts.ids.subarray(16 * start, 16 * end), 16 * to);
  }
}

function emptyFacts(capacity: number): Facts {
  return {
    uid: new Uint32Array(capacity),
    sizeBytes: new Float64Array(capacity),
    internalDateMs: new Float64Array(capacity),
    ids: new Uint8Array(16 * capacity),
    used: 0,
  };
}

/** A table only grows; one that is mostly of rows that are gone is made anew, and `marks` written to fit. */
function compacted(flagSets: FlagTable, marks: Marks, count: number): FlagTable {
  if (flagSets.size <= compactAbove) return flagSets;
  const used = new Set<number>();
  for (let row = 0; row < count; row++) used.add(marks.flagSet(row));
  if (used.size > flagSets.size / 2) return flagSets;
  const compact = new FlagTable();
  const indexes = new Map<number, number>();
  for (const old of used) indexes.set(old, compact.index(flagSets.flags(old)));
  for (let row = 0; row < count; row++)
    marks.set(row, indexes.get(marks.flagSet(row)) ?? 0, marks.modSeq(row));
  return compact;
}
