/**
 * What the walks of a process hold of records. A record may have 270 KB, and a client that stops reading keeps a batch
 * or two: beyond a limit all batches get small, and none is read ahead.
 */
import type { MessageRecord } from '../../mail/message-record.ts';
import { isPacked } from '../../mail/pack/pack-block.ts';
import { maxWalkOctets, scanBatch, shortScanBatch } from './settings.ts';

/** Counted for each record while it is not known how large it is. Mostly some hundredths of it. */
const unreadOctets = 50_000;
/** What a record costs in memory besides its texts. */
const overheadOctets = 600;

export interface HeldRecords {
  readonly records: readonly MessageRecord[];
  /** May be called twice. */
  letGo(): void;
}

export class WalkMemory {
  #octets = 0;

  get isShort(): boolean {
    return this.#octets >= maxWalkOctets;
  }

  /** How many records to read at once. */
  get batch(): number {
    return this.isShort ? shortScanBatch : scanBatch;
  }

  /** What `read` answers, `count` records, counted until they are let go of. */
  async hold(count: number, read: () => Promise<readonly MessageRecord[]>): Promise<HeldRecords> {
    let held = count * unreadOctets;
    this.#octets += held;
    const letGo = () => {
      this.#octets -= held;
      held = 0;
    };
    try {
      const records = await read();
      letGo();
      held = records.reduce((sum, record) => sum + (isPacked(record) ? 0 : octetsOf(record)), 0);
      this.#octets += held;
      return { records, letGo };
    } catch (error) {
      letGo();
      throw error;
    }
  }
}

/** What a record takes in memory. */
export function octetsOf({ envelope, bodyStructure, parts, preview }: MessageRecord): number {
  return overheadOctets + envelope.length + bodyStructure.length + parts.length + 2 * preview.length;
}
