/** Makes packs of the records that a walk had to read from the table. */
import type { MessageRecord } from '../../mail/message-record.ts';
import { PackWriter } from '../../mail/pack/pack-writer.ts';
import { minPackRecords } from './settings.ts';

export class PackBuilder {
  readonly #onPack: (octets: Uint8Array) => void;
  /** Undefined once it was given up. */
  #writer: PackWriter | undefined = new PackWriter();

  /** `onPack` is given each pack that is made. */
  constructor(onPack: (octets: Uint8Array) => void) {
    this.#onPack = onPack;
  }

  /** Whether it still takes records. */
  get open(): boolean {
    return this.#writer !== undefined;
  }

  /** One that was added and is in no finished pack. */
  get(id: MessageRecord['messageId']): MessageRecord | undefined {
    return this.#writer?.records.get(id);
  }

  /** Whether it was taken: not one of unusual size. */
  add(record: MessageRecord): boolean {
    const taken = this.#writer?.add(record) ?? false;
    if (this.#writer?.full) this.#finish(this.#writer);
    return taken;
  }

  /** Lets go of all that is in no finished pack. */
  giveUp(): void {
    this.#writer = undefined;
  }

  /** Answers what is too little for a pack. */
  end(): Iterable<MessageRecord> {
    const writer = this.#writer;
    if (writer === undefined) return [];
    if (writer.size < minPackRecords) return writer.records.values();
    this.#finish(writer);
    return [];
  }

  #finish(writer: PackWriter): void {
    this.#onPack(writer.finish());
    this.#writer = new PackWriter();
  }
}
