/** Runs at most so many tasks at a time, with a bounded queue in arrival order behind them. */

/** More wait already than may: try again later. */
export class PasswordChecksBusy extends Error {
  override readonly name = 'PasswordChecksBusy';
}

export class Slots {
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(concurrent: number, maxWaiting: number) {
    this.#free = concurrent;
    this.#maxWaiting = maxWaiting;
  }

  /** Runs the task when its turn comes. Throws PasswordChecksBusy at once when the queue is full. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= this.#maxWaiting) throw new PasswordChecksBusy('too many logins at once');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the slot to the next in the queue, so nobody can slip in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
