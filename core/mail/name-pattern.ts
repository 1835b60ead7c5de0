/**
 * Matches one pattern of LIST against names (RFC 9051 6.3.9): '*' is anything, '%' anything
 * without '/'. All places in the pattern where matching may go on are bits of a few words that move
 * together, so that no pattern and no name takes longer than their lengths multiplied / 32.
 */

const wordBits = 32;

export class NamePattern {
  readonly #tokens: readonly string[];
  readonly #words: number;
  /** Places where a char stands, per char. */
  readonly #literals = new Map<string, Uint32Array>();
  /** Places of '*'; of '*' and '%'. */
  readonly #stars: Uint32Array;
  readonly #wildcards: Uint32Array;
  /** Scratch of one match. */
  readonly #active: Uint32Array;

  /** Wildcards must not stand side by side. */
  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
    this.#words = Math.floor(tokens.length / wordBits) + 1; // one place more than tokens: the end
    this.#stars = this.#places('*');
    this.#wildcards = this.#places('*').map((word, at) => word | (this.#places('%')[at] ?? 0));
    this.#active = new Uint32Array(this.#words);
    for (const token of new Set(tokens)) {
      if (token !== '*' && token !== '%') this.#literals.set(token, this.#places(token));
    }
  }

  /** Whether the pattern matches the whole name. */
  matches(name: readonly string[], delimiter: string): boolean {
    this.#active.fill(0);
    this.#active[0] = 1;
    this.#passWildcards();
    for (const char of name) if (!this.#step(char, char === delimiter)) return false;
    return this.#isActive(this.#tokens.length);
  }

  /** Moves all places on by one char; false when none is left. */
  #step(char: string, isDelimiter: boolean): boolean {
    const literal = this.#literals.get(char);
    const stay = isDelimiter ? this.#stars : this.#wildcards;
    let carry = 0;
    let any = 0;
    for (let at = 0; at < this.#words; at++) {
      const active = this.#active[at] ?? 0;
      const moved = active & (literal?.[at] ?? 0);
      const next = (moved << 1) | carry | (active & (stay[at] ?? 0));
      carry = moved >>> (wordBits - 1);
      this.#active[at] = next;
      any |= next;
    }
    if (any === 0) return false;
    this.#passWildcards();
    return true;
  }

  /** A wildcard may stand for nothing: with its place the one behind it is active too. */
  #passWildcards(): void {
    let carry = 0;
    for (let at = 0; at < this.#words; at++) {
      const active = this.#active[at] ?? 0;
      const passing = active & (this.#wildcards[at] ?? 0);
      this.#active[at] = active | (passing << 1) | carry;
      carry = passing >>> (wordBits - 1);
    }
  }

  #places(token: string): Uint32Array {
    const words = new Uint32Array(this.#words);
    this.#tokens.forEach((one, place) => {
      const at = Math.floor(place / wordBits);
      if (one === token) words[at] = (words[at] ?? 0) | (1 << (place % wordBits));
    });
    return words;
  }

  #isActive(place: number): boolean {
    return (((this.#active[Math.floor(place / wordBits)] ?? 0) >>> (place % wordBits)) & 1) === 1;
  }
}
