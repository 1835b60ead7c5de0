/**
 * Gathers records into a pack (docs/log.md, "Packs"), block by block, so that no single step takes long. Pure.
 * Octets of every version ever written are in the test of record-pack.ts.
 */
import { crc32, deflateRawSync } from 'node:zlib';
import { writeMessageId } from '../account/message-id.ts';
import type { MessageId } from '../ids.ts';
import type { MessageRecord } from '../message-record.ts';
import { maxBlockOctets, maxBlockRecords, maxPackOctets, maxPackRecords, maxRecordOctets } from './limits.ts';
import { areLines, encodeRest } from './record-lines.ts';

export const packMagic = 'PFPACK01';
/** Magic, CRC, records, blocks. */
export const packHeadOctets = packMagic.length + 12;
/** Of the table, for each block: its records, and the octets of its three frames. */
export const blockEntryOctets = 16;

/** Fast rather than small: level 6 saves a twelfth and takes twice as long. */
const compression = { level: 3 };

interface ClosedBlock {
  readonly records: number;
  readonly frames: readonly Uint8Array[];
}

export class PackWriter {
  readonly #records = new Map<MessageId, MessageRecord>();
  readonly #blocks: ClosedBlock[] = [];
  #columns: [string[], string[], string[]] = [[], [], []];
  #columnOctets: readonly number[] = [0, 0, 0];
  #octets = 0;

  get size(): number {
    return this.#records.size;
  }

  /** Whether it is time to finish it and begin another. */
  get full(): boolean {
    return this.size >= maxPackRecords || this.#octets >= maxPackOctets;
  }

  /** Those that were added, in order. */
  get records(): ReadonlyMap<MessageId, MessageRecord> {
    return this.#records;
  }

  /** Whether it was taken: a record of unusual size, or one that is there already, is not. */
  add(record: MessageRecord): boolean {
    const lines = [record.envelope, record.bodyStructure, encodeRest(record)];
    const octets = lines.map((line) => Buffer.byteLength(line) + 1);
    const sum = octets.reduce((all, one) => all + one);
    if (sum > maxRecordOctets || !areLines(record) || this.#records.has(record.messageId)) return false;
    if (this.#columnOctets.some((all, index) => all + (octets[index] ?? 0) > maxBlockOctets))
      this.#closeBlock();
    this.#records.set(record.messageId, record);
    this.#columns.forEach((column, index) => {
      column.push(lines[index] ?? '');
    });
    this.#columnOctets = this.#columnOctets.map((all, index) => all + (octets[index] ?? 0));
    this.#octets += sum;
    if (this.#columns[0].length === maxBlockRecords) this.#closeBlock();
    return true;
  }

  /** The pack of all that was added; nothing may be added afterwards. */
  finish(): Uint8Array {
    this.#closeBlock();
    const head = Buffer.alloc(packHeadOctets);
    const ids = new Uint8Array(16 * this.size);
    let at = 0;
    for (const id of this.#records.keys()) writeMessageId(ids, 16 * at++, id);
    const table = Buffer.alloc(blockEntryOctets * this.#blocks.length);
    this.#blocks.forEach(({ records, frames }, index) => {
      [records, ...frames.map(({ length }) => length)].forEach((number, place) => {
        table.writeUInt32LE(number, blockEntryOctets * index + 4 * place);
      });
    });
    head.write(packMagic, 'latin1');
    head.writeUInt32LE(this.size, packMagic.length + 4);
    head.writeUInt32LE(this.#blocks.length, packMagic.length + 8);
    const octets = Buffer.concat([head, ids, table, ...this.#blocks.flatMap(({ frames }) => frames)]);
    octets.writeUInt32LE(crc32(octets.subarray(packMagic.length + 4)), packMagic.length);
    return octets;
  }

  #closeBlock(): void {
    const records = this.#columns[0].length;
    if (records === 0) return;
    const frames = this.#columns.map((column) => deflateRawSync(column.join('\n'), compression));
    this.#blocks.push({ records, frames });
    this.#columns = [[], [], []];
    this.#columnOctets = [0, 0, 0];
  }
}
