/**
 * What may change about the rows of a mailbox, set of flags and mod-sequence, in pages: a change copies the pages
 * it touches and shares the others, so that a flag on one message of a million costs one page. Appending writes
 * behind the rows that older states see. Knows neither what a flag is nor how many rows there are.
 */

/** 512 rows: 6 KB to copy for the change of one row, and 2,000 pages to list in a mailbox of a million. */
const pageShift = 9;
const rowsPerPage = 1 << pageShift;
const withinPage = rowsPerPage - 1;

interface Page {
  readonly flagSet: Uint32Array;
  readonly modSeq: Float64Array;
  /** Known to the marks alone that made the page: they may write it. */
  readonly owner: object;
}

export class Marks {
  readonly #pages: Page[];
  readonly #owner = {};

  /** Takes `pages` for its own. */
  private constructor(pages: Page[]) {
    this.#pages = pages;
  }

  static empty(): Marks {
    return new Marks([]);
  }

  /** Of rows 0, 1, 2 and so on. */
  static of(flagSets: Uint32Array, modSeqs: Float64Array): Marks {
    const marks = Marks.empty();
    for (let row = 0; row < flagSets.length; row += rowsPerPage) {
      const { flagSet, modSeq } = marks.#ownPage(row);
      flagSet.set(flagSets.subarray(row, row + rowsPerPage));
      modSeq.set(modSeqs.subarray(row, row + rowsPerPage));
    }
    return marks;
  }

  /**
   * Marks of the first `rows` rows that may be written, until they are handed on; these stay as they are. Pages
   * behind those rows are of whoever appended them.
   */
  fork(rows: number): Marks {
    return new Marks(this.#pages.slice(0, Math.ceil(rows / rowsPerPage)));
  }

  flagSet(row: number): number {
    return this.#pages[row >>> pageShift]?.flagSet[row & withinPage] ?? 0;
  }

  modSeq(row: number): number {
    return this.#pages[row >>> pageShift]?.modSeq[row & withinPage] ?? 0;
  }

  /** Sets a row of marks just forked; others that share its page keep what they have. */
  set(row: number, flagSet: number, modSeq: number): void {
    write(this.#ownPage(row), row, flagSet, modSeq);
  }

  /** Changes the rows [start, end) of marks just forked: `next` gives the set of flags that follows another. */
  change(start: number, end: number, next: (flagSet: number) => number, modSeq: number): void {
    for (let row = start; row < end; ) {
      const { flagSet, modSeq: modSeqs } = this.#ownPage(row);
      const from = row & withinPage;
      const to = Math.min(rowsPerPage, from + end - row);
      for (let at = from; at < to; at++) flagSet[at] = next(flagSet[at] ?? 0);
      modSeqs.fill(modSeq, from, to);
      row += to - from;
    }
  }

  /** Writes a row behind all that anybody sees, into the shared page: one writer may, who knows that nobody else did. */
  append(row: number, flagSet: number, modSeq: number): void {
    const index = row >>> pageShift;
    this.#pages[index] ??= emptyPage(this.#owner);
    write(this.#pages[index], row, flagSet, modSeq);
  }

  /** Rows below `count` whose mod-sequence is another than in `before`, ascending; shared pages are not looked into. */
  changedSince(before: Marks, count: number): readonly number[] {
    const rows: number[] = [];
    for (let start = 0; start < count; start += rowsPerPage) {
      const now = this.#pages[start >>> pageShift]?.modSeq;
      const old = before.#pages[start >>> pageShift]?.modSeq;
      if (now === old) continue;
      const end = Math.min(rowsPerPage, count - start);
      for (let at = 0; at < end; at++) if (now?.[at] !== old?.[at]) rows.push(start + at);
    }
    return rows;
  }

  #ownPage(row: number): Page {
    const index = row >>> pageShift;
    const page = this.#pages[index];
    if (page?.owner === this.#owner) return page;
    const own = page === undefined ? emptyPage(this.#owner) : copyOf(page, this.#owner);
    this.#pages[index] = own;
    return own;
  }
}

function emptyPage(owner: object): Page {
  return { flagSet: new Uint32Array(rowsPerPage), modSeq: new Float64Array(rowsPerPage), owner };
}

function copyOf({ flagSet, modSeq }: Page, owner: object): Page {
  return { flagSet: flagSet.slice(), modSeq: modSeq.slice(), owner };
}

function write(page: Page, row: number, flagSet: number, modSeq: number): void {
  page.flagSet[row & withinPage] = flagSet;
  page.modSeq[row & withinPage] = modSeq;
}
