/** What is going on just now, on standard error: one line that is written over on a terminal, else one line each. */

const leastMs = 1000;

export class Progress {
  #shownMs = Number.NEGATIVE_INFINITY;
  readonly #start = performance.now();

  /** On no terminal only what comes a while after the last line is written, unless it is a `step`. */
  show(text: string, step = true): void {
    const now = performance.now();
    const terminal = process.stderr.isTTY;
    if (!step && now - this.#shownMs < (terminal ? 100 : 10 * leastMs)) return;
    this.#shownMs = now;
    const line = `[${Math.round((now - this.#start) / 1000)} s] ${text}`;
    process.stderr.write(terminal ? `\r\x1b[K${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  /** A line that stays. */
  note(text: string): void {
    this.clear();
    process.stderr.write(`${text}\n`);
  }
}
