/**
 * What can be fuzzed: something that takes octets, and what is known of good input. A target
 * knows no coverage and no seeds; whatever it throws is a finding.
 */
import type { Chance } from './chance.ts';

export interface Target {
  readonly name: string;
  /** Pieces that mean something to the parser, one char per octet; mutations put them anywhere. */
  readonly words: readonly string[];
  /** Input as the grammar has it, or nearly. */
  generate(chance: Chance): Buffer;
  /** Runs one input; throws or rejects when a promise of the code is broken. The same input does the same again. */
  run(input: Buffer): void | Promise<void>;
  close?(): Promise<void>;
}
