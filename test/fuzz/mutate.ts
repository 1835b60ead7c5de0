/** Turns one input into another: octets, ranges, words of the grammar, pieces of other inputs. Knows no target. */
import type { Chance } from './chance.ts';

/** Inputs stay below; the promises are about inputs under 1 MB. */
export const maxInputOctets = 1_000_000;

const odd = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x28, 0x29, 0x2e, 0x3d, 0x5c, 0x7b, 0x7f, 0x80, 0xff];

export interface Material {
  readonly words: readonly string[];
  readonly corpus: readonly Buffer[];
}

/** A few changes to `input`, which stays as it is. */
export function mutated(input: Buffer, chance: Chance, material: Material): Buffer {
  let octets = input;
  for (let times = 1 + chance.below(5); times > 0; times--) octets = changed(octets, chance, material);
  return octets.subarray(0, maxInputOctets);
}

function changed(input: Buffer, chance: Chance, { words, corpus }: Material): Buffer {
  const at = chance.below(input.length + 1);
  const end = Math.min(input.length, at + chance.below(chance.pick([2, 8, 64, 400])));
  const piece = input.subarray(at, end);
  const put = (middle: Buffer, until = at) =>
    Buffer.concat([input.subarray(0, at), middle, input.subarray(until)]);
  switch (chance.below(9)) {
    case 0:
      return put(Buffer.of(chance.pick(odd)), end);
    case 1:
      return put(Buffer.of(chance.below(256)), Math.min(input.length, at + 1));
    case 2:
      return put(Buffer.alloc(0), end);
    case 3:
      return put(piece);
    case 4:
      return put(repeated(piece, 2 + chance.below(20)));
    case 5:
      return put(Buffer.from(chance.pick(words), 'latin1'), chance.oneIn(2) ? end : at);
    case 6:
      return put(Buffer.from(chance.number(), 'latin1'), digitsFrom(input, at));
    case 7: {
      const other = corpus.length === 0 ? input : chance.pick(corpus);
      const from = chance.below(other.length + 1);
      return put(other.subarray(from, from + chance.below(200)), chance.oneIn(2) ? end : at);
    }
    default: {
      const other = corpus.length === 0 ? input : chance.pick(corpus);
      return Buffer.concat([input.subarray(0, at), other.subarray(chance.below(other.length + 1))]);
    }
  }
}

/** Large: a piece of it, or words of the grammar, over and over, in front of its rest. What is quadratic shows. */
export function swollen(input: Buffer, chance: Chance, { words }: Material): Buffer {
  const at = chance.below(chance.oneIn(2) ? input.length + 1 : Math.min(input.length + 1, 100));
  const own = input.subarray(at, at + 1 + chance.below(chance.pick([1, 4, 30, 300])));
  const grammar = Array.from({ length: 1 + chance.below(3) }, () => chance.pick(words)).join('');
  const piece = chance.oneIn(2) && own.length > 0 ? own : Buffer.from(grammar, 'latin1');
  const size = chance.pick([20_000, 100_000, 900_000]);
  const many = repeated(piece, Math.floor(size / piece.length));
  return Buffer.concat([input.subarray(0, at), many, input.subarray(at)]).subarray(0, maxInputOctets);
}

function repeated(piece: Buffer, times: number): Buffer {
  return Buffer.alloc(piece.length * times, piece.length === 0 ? undefined : piece);
}

function digitsFrom(input: Buffer, at: number): number {
  let end = at;
  while ((input[end] ?? 0) >= 0x30 && (input[end] ?? 0) <= 0x39) end++;
  return end;
}
