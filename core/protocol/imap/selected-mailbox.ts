/**
 * A session's view of its mailbox: what the client has been told so far. It is a state of the
 * fold, moved on at the points where the protocol allows it (RFC 3501 7.4.1, RFC 2180 4), so
 * sequence numbers never shift under a command. Row = sequence number - 1.
 */
import type { AccountState, Columns, MailboxState } from '../../mail/account/state.ts';
import type { MailboxId } from '../../mail/ids.ts';
import type { SequenceSet } from '../../mail/uid-set.ts';
import { type Alterations, alterations, keepNumbers } from './alterations.ts';
import type { RecentShare } from './recent.ts';
import type { ResponseWriter } from './response/writer.ts';
import { rowsOfNumbers, rowsOfUids } from './rows.ts';

/** Changes of the session's own command, which the client knows or is told of otherwise (RFC 3501 6.4.6). */
export interface Silence {
  readonly modSeqs: ReadonlySet<number>;
  /** `(\Seen)`: what the client thinks the flags are, from those it knew. */
  expected(flags: readonly string[]): string;
}

export class SelectedMailbox {
  readonly id: MailboxId;
  readonly readOnly: boolean;
  readonly #recent: RecentShare;
  #mailbox: MailboxState;
  /** Size of the table of flags and its keywords when the client was told last. */
  #lookedAt: number;
  #keywords: string;

  constructor(mailbox: MailboxState, readOnly: boolean, recent: RecentShare) {
    this.id = mailbox.mailbox;
    this.readOnly = readOnly;
    this.#mailbox = mailbox;
    this.#recent = recent;
    recent.see(mailbox.uidNext);
    this.#lookedAt = mailbox.columns.flagSets.size;
    this.#keywords = keywordsOf(mailbox.columns);
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

  /** How many of the messages came since any session looked last. */
  get recentCount(): number {
    return this.#recent.count(this.columns);
  }

  isRecent(uid: number): boolean {
    return this.#recent.has(uid);
  }

  /** Whether any message is \Recent here; lets the fast paths skip the question. */
  get anyRecent(): boolean {
    return !this.#recent.empty;
  }

  /** `(\Seen \Recent)` of a row. */
  flagsText(row: number): string {
    return this.withRecent(
      this.columns.flagSets.text(this.columns.flagSet[row] ?? 0),
      this.columns.uid[row] ?? 0,
    );
  }

  withRecent(flags: string, uid: number): string {
    if (!this.#recent.has(uid)) return flags;
    return flags === '()' ? '(\\Recent)' : `${flags.slice(0, -1)} \\Recent)`;
  }

  /** Rows of a command's set; undefined where a sequence number is too large (BAD). */
  rows(set: SequenceSet, byUid: boolean): Uint32Array | undefined {
    if (byUid) return rowsOfUids(set, this.columns.uid, this.count);
    return rowsOfNumbers(set, this.count);
  }

  /**
   * Tells the client what has changed. Without `expunge` messages that are gone keep their
   * numbers for now. False when the mailbox itself is gone.
   */
  update(
    out: ResponseWriter,
    account: AccountState,
    expunge: boolean,
    enabled: ReadonlySet<string>,
    silence?: Silence,
  ): boolean {
    const next = account.mailboxes.get(this.id);
    if (!next) return false;
    if (next === this.#mailbox) return true;
    const changes = alterations(this.#mailbox.columns, next.columns);
    const before = this.#mailbox;
    const holding = !expunge && changes.gone.length > 0;
    // Tables of flags only grow within one fold; a state loaded afresh has another, and waits.
    if (holding && before.columns.flagSets !== next.columns.flagSets) return true;
    if (holding) {
      this.#mailbox = keepNumbers(before, next);
    } else {
      for (const row of changes.gone.reverse()) out.line(`* ${row + 1} EXPUNGE`);
      this.#mailbox = next;
      this.#announceArrivals(out, before, next, changes.gone.length);
    }
    this.#announceKeywords(out);
    this.#announceChanged(out, before.columns, changes, holding, enabled.has('CONDSTORE'), silence);
    return true;
  }

  /** RFC 3501 7.1: \* says that new keywords may be made. */
  writeFlags(out: ResponseWriter): void {
    const all = `\\Answered \\Flagged \\Deleted \\Seen \\Draft${this.#keywords}`;
    out.line(`* FLAGS (${all})`);
    if (this.readOnly) out.line('* OK [PERMANENTFLAGS ()] Nothing can be changed here');
    else out.line(`* OK [PERMANENTFLAGS (${all} \\*)] Flags are kept`);
  }

  close(): void {
    this.#recent.close();
  }

  /** FLAGS and PERMANENTFLAGS again when keywords have come since. */
  #announceKeywords(out: ResponseWriter): void {
    const { size } = this.columns.flagSets;
    if (size === this.#lookedAt) return;
    this.#lookedAt = size;
    const keywords = keywordsOf(this.columns);
    if (keywords === this.#keywords) return;
    this.#keywords = keywords;
    this.writeFlags(out);
  }

  #announceArrivals(out: ResponseWriter, before: MailboxState, next: MailboxState, gone: number): void {
    if (next.columns.count === before.columns.count - gone) return;
    this.#recent.see(next.uidNext);
    out.line(`* ${next.columns.count} EXISTS`);
    out.line(`* ${this.recentCount} RECENT`);
  }

  /** FETCH responses for rows that changed; those held back keep their old numbers. */
  #announceChanged(
    out: ResponseWriter,
    before: Columns,
    { changed, changedNow }: Alterations,
    holding: boolean,
    condstore: boolean,
    silence: Silence | undefined,
  ): void {
    const { columns } = this;
    const isKnown = silence === undefined ? () => false : knownRows(before, columns, silence);
    for (let index = 0; index < changed.length; index++) {
      const oldRow = changed[index] ?? 0;
      const row = holding ? oldRow : (changedNow[index] ?? 0);
      if (isKnown(oldRow, row)) continue;
      const modSeq = condstore ? ` MODSEQ (${columns.modSeq[row]})` : '';
      out.line(`* ${row + 1} FETCH (UID ${columns.uid[row]} FLAGS ${this.flagsText(row)}${modSeq})`);
    }
  }
}

/** Whether a row has become what the client expects; neighbours are mostly alike, so the last answer is kept. */
function knownRows(
  before: Columns,
  now: Columns,
  silence: Silence,
): (oldRow: number, row: number) => boolean {
  let lastOld = -1;
  let lastNew = -1;
  let answer = false;
  return (oldRow, row) => {
    if (!silence.modSeqs.has(now.modSeq[row] ?? 0)) return false;
    const oldSet = before.flagSet[oldRow] ?? 0;
    const newSet = now.flagSet[row] ?? 0;
    if (oldSet !== lastOld || newSet !== lastNew) {
      answer = silence.expected(before.flagSets.flags(oldSet)) === now.flagSets.text(newSet);
      lastOld = oldSet;
      lastNew = newSet;
    }
    return answer;
  };
}

/** Each with a space in front. */
function keywordsOf({ flagSets }: Columns): string {
  const keywords = [...flagSets.all()].filter((flag) => !flag.startsWith('\\')).sort();
  return keywords.map((flag) => ` ${flag}`).join('');
}
