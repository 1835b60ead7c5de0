/**
 * Octets gathered from chunks of any size into blocks of its own, so that memory is what was
 * gathered and little more: a message that comes octet by octet, or of which each line is a chunk,
 * costs no object per chunk. The chunks may change afterwards.
 */

/** Of the first block; each other is as large as all before it, up to the most. */
const firstBlockOctets = 4096;
const maxBlockOctets = 65_536;

export class GatheredOctets {
  readonly #full: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #used = 0;
  #length = 0;
  #nextOctets = firstBlockOctets;

  /** Octets gathered. */
  get length(): number {
    return this.#length;
  }

  /** Blocks they are in. */
  get blocks(): number {
    return this.#full.length + (this.#used > 0 ? 1 : 0);
  }

  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#used === this.#block.length) this.#nextBlock();
      const piece = chunk.subarray(at, at + this.#block.length - this.#used);
      this.#block.set(piece, this.#used);
      this.#used += piece.length;
      at += piece.length;
    }
    this.#length += chunk.length;
  }

  /** All of it in one piece; nothing is left. */
  take(): Buffer {
    const all = Buffer.concat(this.#all());
    this.#forget();
    return all;
  }

  /** All of it in blocks; nothing is left. */
  takeBlocks(): readonly Buffer[] {
    const all = this.#all();
    this.#forget();
    return all;
  }

  #all(): readonly Buffer[] {
    return [...this.#full, this.#block.subarray(0, this.#used)];
  }

  #nextBlock(): void {
    const isFirst = this.#block.length === 0;
    if (!isFirst) this.#full.push(this.#block);
    this.#block = Buffer.allocUnsafeSlow(this.#nextOctets);
    this.#nextOctets = Math.min(isFirst ? firstBlockOctets : this.#nextOctets * 2, maxBlockOctets);
    this.#used = 0;
  }

  #forget(): void {
    this.#full.length = 0;
    this.#block = Buffer.alloc(0);
    this.#used = 0;
    this.#length = 0;
    this.#nextOctets = firstBlockOctets;
  }
}
