/**
 * One mailbox while entries are folded into it: copies what it must only once for all of
 * them. Removed rows are marked and taken out at the end, so that many expunges cost one pass.
 */
import assert from 'node:assert/strict';
import type { MailboxId, MessageId, ModSeq, Uid, UidValidity } from '../ids.ts';
import { MailboxColumns } from './columns.ts';
import type { NewMailbox } from './entry.ts';
import { firstRowFrom, type MailboxState } from './state.ts';

const seen = '\\Seen';

/** A row on its way into a mailbox. */
export interface Arrival {
  readonly messageId: MessageId;
  readonly sizeBytes: number;
  readonly internalDateMs: number;
  readonly flags: readonly string[];
}

export class MailboxDraft {
  readonly mailbox: MailboxId;
  readonly specialUse: string | undefined;
  readonly uidValidity: UidValidity;
  name: string;
  uidNext: number;
  highestModSeq: ModSeq;
  bytes: number;
  unseen: number;
  columns: MailboxColumns;
  #ownsMarks = false;
  #dead: Uint8Array | undefined;
  #deadCount = 0;

  constructor(state: MailboxState) {
    assert.ok(state.columns instanceof MailboxColumns);
    this.mailbox = state.mailbox;
    this.specialUse = state.specialUse;
    this.uidValidity = state.uidValidity;
    this.name = state.name;
    this.uidNext = state.uidNext;
    this.highestModSeq = state.highestModSeq;
    this.bytes = state.bytes;
    this.unseen = state.unseen;
    this.columns = state.columns;
  }

  /** A mailbox that an entry creates. */
  static created({ mailbox, name, specialUse, uidValidity }: NewMailbox, modSeq: ModSeq): MailboxDraft {
    const columns = MailboxColumns.empty();
    const uidNext = 1 as Uid;
    const counts = { bytes: 0, unseen: 0 };
    return new MailboxDraft({
      mailbox,
      name,
      specialUse,
      uidValidity,
      uidNext,
      highestModSeq: modSeq,
      ...counts,
      columns,
    });
  }

  get count(): number {
    return this.columns.count - this.#deadCount;
  }

  append(arrival: Arrival, modSeq: ModSeq): void {
    const uid = this.uidNext++ as Uid;
    assert.ok(uid < 2 ** 32);
    const flagSet = this.columns.flagSets.index(arrival.flags);
    const { messageId, sizeBytes, internalDateMs } = arrival;
    this.columns = this.columns.append({ uid, flagSet, modSeq, sizeBytes, internalDateMs, messageId });
    this.bytes += sizeBytes;
    if (!arrival.flags.includes(seen)) this.unseen++;
    this.highestModSeq = modSeq;
  }

  /** Row of a UID that is there; anything else is corruption. */
  row(uid: number): number {
    const row = firstRowFrom(this.columns, uid);
    assert.ok(
      row < this.columns.count && this.columns.uid[row] === uid && this.#dead?.[row] !== 1,
      'entry names a row that is not there',
    );
    return row;
  }

  /** Rows of UIDs first to last, all of which are there. */
  rowRange(first: number, last: number): readonly [number, number] {
    const start = this.row(first);
    const end = this.row(last) + 1;
    if (this.#dead === undefined)
      assert.equal(end - start, last - first + 1, 'entry names a row that is not there');
    else for (let uid = first; uid <= last; uid++) this.row(uid);
    return [start, end];
  }

  /** The message of a row as it would arrive elsewhere. */
  arrival(row: number): Arrival {
    const { columns } = this;
    return {
      messageId: columns.messageId(row),
      sizeBytes: columns.sizeBytes[row] ?? 0,
      internalDateMs: columns.internalDateMs[row] ?? 0,
      flags: columns.flagSets.flags(columns.flagSet(row)),
    };
  }

  changeFlags(
    start: number,
    end: number,
    add: readonly string[],
    remove: readonly string[],
    modSeq: ModSeq,
  ): void {
    if (!this.#ownsMarks) this.columns = this.columns.withOwnMarks();
    this.#ownsMarks = true;
    const { flagSets } = this.columns;
    const unseenDelta = add.includes(seen) ? -1 : remove.includes(seen) ? 1 : 0;
    const changed = new Map<number, number>();
    const next = (old: number) => {
      let now = changed.get(old);
      if (now === undefined) {
        assertFacts(flagSets.flags(old), add, remove);
        now = flagSets.changed(old, add, remove);
        changed.set(old, now);
      }
      return now;
    };
    this.columns.changeMarks(start, end, next, modSeq);
    this.unseen += unseenDelta * (end - start);
    this.highestModSeq = modSeq;
  }

  /** Marks a row as gone. */
  remove(row: number, modSeq: ModSeq): void {
    const { columns } = this;
    if (this.#dead === undefined || this.#dead.length < columns.count) {
      const dead = new Uint8Array(columns.uid.length);
      if (this.#dead !== undefined) dead.set(this.#dead);
      this.#dead = dead;
    }
    this.#dead[row] = 1;
    this.#deadCount++;
    this.bytes -= columns.sizeBytes[row] ?? 0;
    if (!columns.flagSets.has(columns.flagSet(row), seen)) this.unseen--;
    this.highestModSeq = modSeq;
  }

  finish(): MailboxState {
    if (this.#dead !== undefined) this.columns = this.columns.without(this.#dead, this.#deadCount);
    const { mailbox, name, specialUse, uidValidity, highestModSeq, bytes, unseen, columns } = this;
    const uidNext = this.uidNext as Uid;
    return { mailbox, name, specialUse, uidValidity, uidNext, highestModSeq, bytes, unseen, columns };
  }
}

/** An entry's flags are facts: what it adds was absent, what it removes was present. */
function assertFacts(flags: readonly string[], add: readonly string[], remove: readonly string[]): void {
  assert.ok(!add.some((flag) => flags.includes(flag)), 'entry adds a flag that is there');
  assert.ok(
    remove.every((flag) => flags.includes(flag)),
    'entry removes a flag that is not there',
  );
}
