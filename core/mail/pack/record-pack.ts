/**
 * A pack in memory: many records of one account, compressed, found by message id (docs/log.md, "Packs"). Pure.
 */
import { crc32 } from 'node:zlib';
import { readMessageId } from '../account/message-id.ts';
import type { MessageId } from '../ids.ts';
import type { MessageRecord } from '../message-record.ts';
import { type Frames, PackBlock } from './pack-block.ts';
import { blockEntryOctets, packHeadOctets, packMagic } from './pack-writer.ts';

interface BlockPlace {
  /** Position of its first record. */
  readonly first: number;
  readonly records: number;
  /** Where its three frames begin, and the last ends. */
  readonly frames: readonly [number, number, number, number];
}

export class RecordPack {
  readonly #octets: Buffer;
  /** Message ids by position, 16 octets each. */
  readonly ids: Buffer;
  readonly count: number;
  readonly #blocks: readonly BlockPlace[];
  /** Positions in the order of their ids; undefined where the positions are in that order themselves. */
  readonly #sorted: Uint16Array | undefined;

  private constructor(octets: Buffer, count: number, blocks: readonly BlockPlace[]) {
    this.#octets = octets;
    this.count = count;
    this.ids = octets.subarray(packHeadOctets, packHeadOctets + 16 * count);
    this.#blocks = blocks;
    this.#sorted = isAscending(this.ids) ? undefined : sortedPositions(this.ids);
  }

  /** Undefined for octets that are damaged, cut off or of an unknown version. Takes the octets as they are. */
  static open(octets: Uint8Array): RecordPack | undefined {
    const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    if (bytes.length < packHeadOctets || bytes.toString('latin1', 0, packMagic.length) !== packMagic)
      return undefined;
    if (bytes.readUInt32LE(packMagic.length) !== crc32(bytes.subarray(packMagic.length + 4)))
      return undefined;
    // From here on the octets are as a writer wrote them.
    const count = bytes.readUInt32LE(packMagic.length + 4);
    return new RecordPack(bytes, count, blockPlaces(bytes, count));
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#octets.length + (this.#sorted?.byteLength ?? 0) + 500;
  }

  /** Names it by its content: two packs of the same octets are the same. */
  get crc(): number {
    return this.#octets.readUInt32LE(packMagic.length);
  }

  get firstId(): MessageId {
    return readMessageId(this.ids, 16 * this.#position(0));
  }

  get lastId(): MessageId {
    return readMessageId(this.ids, 16 * this.#position(this.count - 1));
  }

  /** Whether the record at the position has the id that stands at `offset` of `ids`. */
  isAt(position: number, ids: Uint8Array, offset: number): boolean {
    return position >= 0 && position < this.count && compare(this.ids, 16 * position, ids, offset) === 0;
  }

  /** The position of the record whose id stands at `offset` of `ids`, or -1. */
  find(ids: Uint8Array, offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.ids, 16 * this.#position(middle), ids, offset) < 0) low = middle + 1;
      else high = middle;
    }
    const position = low < this.count ? this.#position(low) : -1;
    return this.isAt(position, ids, offset) ? position : -1;
  }

  /** The number of the block that the record is in. */
  blockOf(position: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= position) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The positions [first, end) of a block. */
  range(block: number): readonly [number, number] {
    const { first = 0, records = 0 } = this.#blocks[block] ?? {};
    return [first, first + records];
  }

  /** Costs nothing until its records are looked at, and then to inflate it: keep it while neighbours are read. */
  block(number: number): PackBlock {
    const place = this.#blocks[number];
    if (place === undefined) throw new RangeError('a pack has no such block');
    const [a, b, c, end] = place.frames;
    const frames: Frames = [
      this.#octets.subarray(a, b),
      this.#octets.subarray(b, c),
      this.#octets.subarray(c, end),
    ];
    return new PackBlock(this.ids.subarray(16 * place.first), frames);
  }

  /** All of them, by position. */
  *all(): Generator<MessageRecord> {
    for (const [number, { records }] of this.#blocks.entries()) {
      const block = this.block(number);
      for (let index = 0; index < records; index++) yield block.record(index);
    }
  }

  #position(sorted: number): number {
    return this.#sorted?.[sorted] ?? sorted;
  }
}

function blockPlaces(bytes: Buffer, count: number): readonly BlockPlace[] {
  const blocks = bytes.readUInt32LE(packMagic.length + 8);
  const table = packHeadOctets + 16 * count;
  let first = 0;
  let at = table + blockEntryOctets * blocks;
  return Array.from({ length: blocks }, (_, number) => {
    const entry = table + blockEntryOctets * number;
    const records = bytes.readUInt32LE(entry);
    const b = at + bytes.readUInt32LE(entry + 4);
    const c = b + bytes.readUInt32LE(entry + 8);
    const end = c + bytes.readUInt32LE(entry + 12);
    const place = { first, records, frames: [at, b, c, end] } as const;
    first += records;
    at = end;
    return place;
  });
}

function isAscending(ids: Buffer): boolean {
  for (let at = 16; at < ids.length; at += 16) if (compare(ids, at - 16, ids, at) >= 0) return false;
  return true;
}

/** A pack has at most 2,048 records: positions fit 16 bits. */
function sortedPositions(ids: Buffer): Uint16Array {
  const positions = Array.from({ length: ids.length / 16 }, (_, position) => position);
  return Uint16Array.from(positions.sort((a, b) => compare(ids, 16 * a, ids, 16 * b)));
}

function compare(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number): number {
  for (let at = 0; at < 16; at++) {
    const difference = (left[leftAt + at] ?? 0) - (right[rightAt + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
