/** Makes packs of the records that a walk had to read from the table. One account has one builder at a time. */
import type { MessageRecord } from '../../mail/message-record.ts';
import { PackWriter } from '../../mail/pack/pack-writer.ts';
import { minPackRecords } from './settings.ts';

export class PackBuilder {
  readonly #onPack: (octets: Uint8Array) => void;
  #writer = new PackWriter();

  /** `onPack` is given each pack that is made. */
  constructor(onPack: (octets: Uint8Array) => void) {
    this.#onPack = onPack;
  }

  /** One that was added and is in no finished pack. */
  get(id: MessageRecord['messageId']): MessageRecord | undefined {
    return this.#writer.records.get(id);
  }

  /** Whether it was taken: not one of unusual size. */
  add(record: MessageRecord): boolean {
    const taken = this.#writer.add(record);
    if (this.#writer.full) this.#finish();
    return taken;
  }

  /** Answers what is too little for a pack. */
  end(): Iterable<MessageRecord> {
    if (this.#writer.size < minPackRecords) return this.#writer.records.values();
    this.#finish();
    return [];
  }

  #finish(): void {
    this.#onPack(this.#writer.finish());
    this.#writer = new PackWriter();
  }
}
