/**
 * The rows of one mailbox as typed arrays. Appending writes behind the rows that older states
 * see (in place while nobody else has done so); changing flags copies two columns; removing
 * rows copies all. So every state ever handed out stays as it was.
 */
import assert from 'node:assert/strict';
import type { MessageId, ModSeq, Uid } from '../ids.ts';
import { FlagTable } from './flag-table.ts';
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
  readonly flagSet: Uint32Array;
  readonly modSeq: Float64Array;
  readonly sizeBytes: Float64Array;
  readonly internalDateMs: Float64Array;
  readonly flagSets: FlagTable;
  readonly #facts: Facts;

  private constructor(
    count: number,
    facts: Facts,
    flagSet: Uint32Array,
    modSeq: Float64Array,
    flagSets: FlagTable,
  ) {
    this.count = count;
    this.uid = facts.uid;
    this.flagSet = flagSet;
    this.modSeq = modSeq;
    this.sizeBytes = facts.sizeBytes;
    this.internalDateMs = facts.internalDateMs;
    this.flagSets = flagSets;
    this.#facts = facts;
  }

  static empty(): MailboxColumns {
    return MailboxColumns.of(0, emptyFacts(0), new Uint32Array(0), new Float64Array(0), new FlagTable());
  }

  /** Takes the arrays as they are; all have `count` rows, in UID order. */
  static of(
    count: number,
    facts: Omit<Facts, 'used'>,
    flagSet: Uint32Array,
    modSeq: Float64Array,
    flagSets: FlagTable,
  ): MailboxColumns {
    return new MailboxColumns(count, { ...facts, used: count }, flagSet, modSeq, flagSets);
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
    const target = inPlace ? this : this.#grown();
    const facts = target.#facts;
    facts.uid[at] = row.uid;
    facts.sizeBytes[at] = row.sizeBytes;
    facts.internalDateMs[at] = row.internalDateMs;
    writeMessageId(facts.ids, 16 * at, row.messageId);
    target.flagSet[at] = row.flagSet;
    target.modSeq[at] = row.modSeq;
    facts.used = at + 1;
    return new MailboxColumns(at + 1, facts, target.flagSet, target.modSeq, this.flagSets);
  }

  /** With flag and modSeq columns of its own, which the caller may write until it hands the columns on. */
  withOwnFlags(): MailboxColumns {
    const flagSet = this.flagSet.slice();
    const flagSets = compacted(this.flagSets, flagSet, this.count);
    return new MailboxColumns(this.count, this.#facts, flagSet, this.modSeq.slice(), flagSets);
  }

  /** Without the rows that are marked in `dead`, of which there are `deadCount`. */
  without(dead: Uint8Array, deadCount: number): MailboxColumns {
    const capacity = this.count - deadCount;
    const facts = emptyFacts(capacity);
    const flagSet = new Uint32Array(capacity);
    const modSeq = new Float64Array(capacity);
    let to = 0;
    for (let start = 0; start < this.count; ) {
      while (start < this.count && dead[start] === 1) start++;
      let end = start;
      while (end < this.count && dead[end] !== 1) end++;
      this.#copyRows(start, end, to, facts, flagSet, modSeq);
      to += end - start;
      start = end;
    }
    assert.equal(to, capacity);
    facts.used = capacity;
    return new MailboxColumns(capacity, facts, flagSet, modSeq, compacted(this.flagSets, flagSet, capacity));
  }

  #grown(): MailboxColumns {
    const capacity = Math.max(16, Math.ceil(this.count * 1.5));
    const facts = emptyFacts(capacity);
    const flagSet = new Uint32Array(capacity);
    const modSeq = new Float64Array(capacity);
    this.#copyRows(0, this.count, 0, facts, flagSet, modSeq);
    return new MailboxColumns(this.count, facts, flagSet, modSeq, this.flagSets);
  }

  #copyRows(
    start: number,
    end: number,
    to: number,
    facts: Facts,
    flagSet: Uint32Array,
    modSeq: Float64Array,
  ) {
    facts.uid.set(this.uid.subarray(start, end), to);
    facts.sizeBytes.set(this.sizeBytes.subarray(start, end), to);
    facts.internalDateMs.set(this.internalDateMs.subarray(start, end), to);
    facts.ids.set(this.#facts.ids.subarray(16 * start, 16 * end), 16 * to);
    flagSet.set(this.flagSet.subarray(start, end), to);
    modSeq.set(this.modSeq.subarray(start, end), to);
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

/** A table only grows; one that is mostly of rows that are gone is made anew, and `flagSet` written to fit. */
function compacted(flagSets: FlagTable, flagSet: Uint32Array, count: number): FlagTable {
  if (flagSets.size <= compactAbove) return flagSets;
  const used = new Set(flagSet.subarray(0, count));
  if (used.size > flagSets.size / 2) return flagSets;
  const compact = new FlagTable();
  const indexes = new Map<number, number>();
  for (const old of used) indexes.set(old, compact.index(flagSets.flags(old)));
  for (let row = 0; row < count; row++) flagSet[row] = indexes.get(flagSet[row] ?? 0) ?? 0;
  return compact;
}
