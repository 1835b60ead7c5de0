/**
 * Distinct sets of flags, each stored once: rows of a mailbox hold the index. Grows only, so
 * that older states may share it; the empty set has index 0.
 */
import { changeFlags } from '../flags.ts';
import type { FlagSets } from './state.ts';

interface Item {
  readonly flags: readonly string[];
  readonly text: string;
}

const empty: Item = { flags: [], text: '()' };

export class FlagTable implements FlagSets {
  readonly #items: Item[] = [empty];
  readonly #byText = new Map<string, number>([[empty.text, 0]]);
  readonly #spelling = new Map<string, string>();

  get size(): number {
    return this.#items.length;
  }

  flags(index: number): readonly string[] {
    return (this.#items[index] ?? empty).flags;
  }

  text(index: number): string {
    return (this.#items[index] ?? empty).text;
  }

  has(index: number, flag: string): boolean {
    return this.flags(index).includes(flag);
  }

  all(): Iterable<string> {
    return this.#spelling.values();
  }

  spell(flag: string): string {
    return this.#spelling.get(flag.toLowerCase()) ?? flag;
  }

  /** The index of a canonical set, known or new. */
  index(flags: readonly string[]): number {
    const text = `(${flags.join(' ')})`;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    this.#items.push({ flags: [...flags], text });
    this.#byText.set(text, this.#items.length - 1);
    for (const flag of flags) {
      const key = flag.toLowerCase();
      if (!this.#spelling.has(key)) this.#spelling.set(key, flag);
    }
    return this.#items.length - 1;
  }

  /** The index of set `index` with `add` in and `remove` out. */
  changed(index: number, add: readonly string[], remove: readonly string[]): number {
    return this.index(changeFlags(this.flags(index), add, remove));
  }
}
