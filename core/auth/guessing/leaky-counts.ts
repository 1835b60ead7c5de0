/**
 * Counts that run down with time, one per key, at most so many keys. The key that was
 * touched longest ago is forgotten first. Knows no clock: every call says what time it is.
 */

export interface LeakSettings {
  /** The time in which a count goes down by one. */
  readonly leakMs: number;
  /** A count goes no higher. */
  readonly most: number;
  readonly maxKeys: number;
}

export class LeakyCounts {
  readonly #settings: LeakSettings;
  /** Least recently touched first. */
  readonly #counts = new Map<string, { readonly count: number; readonly atMs: number }>();

  constructor(settings: LeakSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** The count now; a fraction while it runs down, 0 for a key that is not known. */
  at(key: string, nowMs: number): number {
    const known = this.#counts.get(key);
    if (!known) return 0;
    // a clock that was set back must not add to it
    return Math.max(0, known.count - Math.max(0, nowMs - known.atMs) / this.#settings.leakMs);
  }

  /** Adds, or takes away. */
  add(key: string, amount: number, nowMs: number): void {
    const count = Math.min(this.#settings.most, this.at(key, nowMs) + amount);
    this.#counts.delete(key);
    if (count > 0) this.#counts.set(key, { count, atMs: nowMs });
    if (this.#counts.size <= this.#settings.maxKeys) return;
    const oldest = this.#counts.keys().next().value;
    if (oldest !== undefined) this.#counts.delete(oldest);
  }
}
