/**
 * Octets gathered from chunks of any size into blocks of its own, so that memory is what was
 * gathered and little more: a message that comes octet by octet, or of which each line is a chunk,
 * costs no object per chunk. The chunks may change afterwards. Large blocks are used again and
 * again: memory outside the heap that comes and goes has the collector walk through all of the heap.
 */

/** Of the first block; each other is as large as all before it, up to the most. */
const firstBlockOctets = 4096;
const maxBlockOctets = 65_536;
/** 8 MB that nobody uses just now. */
const maxSpareBlocks = 128;
/** Blocks of the largest size, shared by all. What was in them is overwritten before anybody can see it. */
const spare: Buffer[] = [];
/** What is put together only to be read at once. */
const scratch = Buffer.allocUnsafeSlow(262_144);

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
    return this.takeInto(Buffer.allocUnsafe(this.#length));
  }

  /** All of it at the front of `target`, which has room for it; nothing is left. The part of `target` that is used. */
  takeInto(target: Buffer): Buffer {
    let at = 0;
    for (const block of this.drain()) {
      target.set(block, at);
      at += block.length;
    }
    return target.subarray(0, at);
  }

  /** All of it in base64; nothing is left. */
  takeBase64(): string {
    if (this.#length > scratch.length) return this.take().toString('base64');
    return this.takeInto(scratch).toString('base64');
  }

  /** All of it in blocks; nothing is left. A block must not be kept when the next one is asked for. */
  *drain(): Generator<Buffer, void, undefined> {
    const blocks = [...this.#full, this.#block];
    let left = this.#length;
    this.#forget();
    for (const block of blocks) {
      if (left > 0) yield block.subarray(0, left);
      left -= block.length;
      if (block.length === maxBlockOctets && spare.length < maxSpareBlocks) spare.push(block);
    }
  }

  #nextBlock(): void {
    const isFirst = this.#block.length === 0;
    if (!isFirst) this.#full.push(this.#block);
    const used = isFirst ? undefined : spare.pop(); // larger than asked for, but it is there
    this.#block = used ?? Buffer.allocUnsafeSlow(this.#nextOctets);
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
