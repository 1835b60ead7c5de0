/**
 * Memory for parts on their way to S3, used again and again: so much fresh memory for each message
 * outside the heap would have the collector walk through all of the heap for each message.
 */

/** Kept when nobody uses them. */
const maxSpareBuffers = 4;

export class PartBuffers {
  readonly #octets: number;
  readonly #spare: Buffer[] = [];

  constructor(octets: number) {
    this.#octets = octets;
  }

  /** A buffer of the pool's size, with anything in it. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#octets);
  }

  /** Only once nobody reads it any more; one that may still be read is left to the collector. */
  giveBack(buffer: Buffer): void {
    if (this.#spare.length < maxSpareBuffers) this.#spare.push(buffer);
  }
}
