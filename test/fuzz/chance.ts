/** Decisions that a seed repeats: numbers, picks, pieces of text. */
import { seededRandom } from '../support/random.ts';

export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** 0 <= n < below. */
  below(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<Value>(values: readonly [Value, ...Value[]] | readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }

  /** `make` up to `most` times, joined. */
  some(most: number, make: () => string, by = ''): string {
    return Array.from({ length: this.below(most + 1) }, make).join(by);
  }

  /** Small numbers, edges of integers and what is just beyond them. */
  number(): string {
    return this.pick([
      () => `${this.below(12)}`,
      () => `${this.below(70_000)}`,
      () => this.pick(edges),
      () => `${this.pick(edges)}${this.below(10)}`,
    ])();
  }

  /** Any octets, as chars. */
  octets(most: number): string {
    return this.some(most, () => String.fromCharCode(this.below(256)));
  }
}

const edges = [
  '0',
  '1',
  '-1',
  '127',
  '255',
  '256',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
];
