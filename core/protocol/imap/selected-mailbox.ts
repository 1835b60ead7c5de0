/**
 * The mailbox that a session has selected: its view (core/mail/account/view.ts), \Recent, and the
 * untagged responses that tell the client what has changed. RFC 3501 7.2.6, 7.3, 7.4.
 */
import type { AccountState, Columns, FlagSets, MailboxState } from '../../mail/account/state.ts';
import { MailboxView, type ViewChanges } from '../../mail/account/view.ts';
import type { MailboxId } from '../../mail/ids.ts';
import type { SequenceSet } from '../../mail/uid-set.ts';
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
  readonly readOnly: boolean;
  readonly #recent: RecentShare;
  readonly #view: MailboxView;
  /** The table of flags, its size and its keywords when the client was told last. */
  #flagSets: FlagSets;
  #flagSetsSize: number;
  #keywords: string;

  constructor(mailbox: MailboxState, readOnly: boolean, recent: RecentShare) {
    this.readOnly = readOnly;
    this.#view = new MailboxView(mailbox);
    this.#recent = recent;
    recent.see(mailbox.uidNext);
    this.#flagSets = mailbox.columns.flagSets;
    this.#flagSetsSize = this.#flagSets.size;
    this.#keywords = keywordsOf(this.#flagSets);
  }

  get id(): MailboxId {
    return this.#view.id;
  }

  /** What the client knows. */
  get mailbox(): MailboxState {
    return this.#view.mailbox;
  }

  get columns(): Columns {
    return this.#view.columns;
  }

  get count(): number {
    return this.#view.count;
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
    return this.withRecent(this.columns.flagSets.text(this.columns.flagSet(row)), this.columns.uid[row] ?? 0);
  }

  withRecent(flags: string, uid: number): string {
    if (!this.#recent.has(uid)) return flags;
    return flags === '()' ? '(\\Recent)' : `${flags.slice(0, -1)} \\Recent)`;
  }

  /** Rows of a command's set; undefined where a sequence number is too large (BAD). */
  rows(set: SequenceSet, byUid: boolean): Uint32Array | undefined {
    if (byUid) return rowsOfUids(set, this.columns);
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
    const changes = this.#view.sync(account, expunge);
    if (changes === undefined) return false;
    for (const row of changes.gone.toReversed()) out.line(`* ${row + 1} EXPUNGE`);
    if (changes.exists !== undefined) {
      this.#recent.see(this.mailbox.uidNext);
      out.line(`* ${changes.exists} EXISTS`);
      out.line(`* ${this.recentCount} RECENT`);
    }
    this.#announceKeywords(out);
    this.#announceChanged(out, changes, enabled.has('CONDSTORE'), silence);
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
    const { flagSets } = this.columns;
    const { size } = flagSets;
    if (flagSets === this.#flagSets && size === this.#flagSetsSize) return;
    this.#flagSets = flagSets;
    this.#flagSetsSize = size;
    const keywords = keywordsOf(flagSets);
    if (keywords === this.#keywords) return;
    this.#keywords = keywords;
    this.writeFlags(out);
  }

  /** FETCH responses for rows that changed. */
  #announceChanged(
    out: ResponseWriter,
    { before, changed }: ViewChanges,
    condstore: boolean,
    silence: Silence | undefined,
  ): void {
    const { columns } = this;
    const isKnown = silence === undefined ? () => false : knownRows(before, columns, silence);
    for (const [index, row] of changed.now.entries()) {
      if (isKnown(changed.before[index] ?? 0, row)) continue;
      const modSeq = condstore ? ` MODSEQ (${columns.modSeq(row)})` : '';
      out.line(`* ${row + 1} FETCH (UID ${columns.uid[row]} FLAGS ${this.flagsText(row)}${modSeq})`);
    }
  }
}

/** Whether a row has become what the client expects; rows are mostly alike, so each answer is kept. */
function knownRows(
  before: Columns,
  now: Columns,
  silence: Silence,
): (oldRow: number, row: number) => boolean {
  const answers = new Map<number, boolean>();
  return (oldRow, row) => {
    if (!silence.modSeqs.has(now.modSeq(row))) return false;
    const oldSet = before.flagSet(oldRow);
    const newSet = now.flagSet(row);
    const pair = oldSet * now.flagSets.size + newSet;
    const known = answers.get(pair);
    if (known !== undefined) return known;
    const answer = silence.expected(before.flagSets.flags(oldSet)) === now.flagSets.text(newSet);
    answers.set(pair, answer);
    return answer;
  };
}

/** Each with a space in front. */
function keywordsOf(flagSets: FlagSets): string {
  const keywords = [...flagSets.all()].filter((flag) => !flag.startsWith('\\')).sort();
  return keywords.map((flag) => ` ${flag}`).join('');
}
