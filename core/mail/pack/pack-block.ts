/**
 * Some neighbouring records of a pack: three compressed columns, each inflated when it is first asked for, so that a
 * SEARCH of subjects never inflates body structures.
 */
import { inflateRawSync } from 'node:zlib';
import { readMessageId } from '../account/message-id.ts';
import type { AccountId, MessageId } from '../ids.ts';
import type { BodyRef, MessageRecord } from '../message-record.ts';
import { maxBlockOctets } from './limits.ts';
import { decodeRest, type RestOfRecord } from './record-lines.ts';

export type Frames = readonly [envelopes: Uint8Array, structures: Uint8Array, rest: Uint8Array];

export class PackBlock {
  /** Of its records, 16 octets each. */
  readonly #ids: Uint8Array;
  readonly #frames: Frames;
  #envelopes: readonly string[] | undefined;
  #structures: readonly string[] | undefined;
  #rest: readonly string[] | undefined;

  constructor(ids: Uint8Array, frames: Frames) {
    this.#ids = ids;
    this.#frames = frames;
  }

  record(index: number): MessageRecord {
    return new PackedRecord(this, index);
  }

  messageId(index: number): MessageId {
    return readMessageId(this.#ids, 16 * index);
  }

  envelope(index: number): string {
    this.#envelopes ??= lines(this.#frames[0], 'latin1');
    return this.#envelopes[index] ?? '';
  }

  bodyStructure(index: number): string {
    this.#structures ??= lines(this.#frames[1], 'latin1');
    return this.#structures[index] ?? '';
  }

  rest(index: number): RestOfRecord {
    this.#rest ??= lines(this.#frames[2], 'utf8');
    return decodeRest(this.#rest[index] ?? '', this.messageId(index));
  }
}

/** Chunks that most columns fit into, so that nothing has to be joined. */
const inflation = { maxOutputLength: maxBlockOctets, chunkSize: 64 * 1024 };

function lines(frame: Uint8Array, encoding: 'latin1' | 'utf8'): readonly string[] {
  return inflateRawSync(frame, inflation).toString(encoding).split('\n');
}

/** Whether it is a record of a pack: its fields are not in memory before they are asked for. */
export function isPacked(record: MessageRecord): boolean {
  return record instanceof PackedRecord;
}

/** A record whose fields are made when they are asked for. It holds its block in memory: not for caches of records. */
class PackedRecord implements MessageRecord {
  readonly #block: PackBlock;
  readonly #index: number;
  #rest: RestOfRecord | undefined;

  constructor(block: PackBlock, index: number) {
    this.#block = block;
    this.#index = index;
  }

  get messageId(): MessageId {
    return this.#block.messageId(this.#index);
  }

  get envelope(): string {
    return this.#block.envelope(this.#index);
  }

  get bodyStructure(): string {
    return this.#block.bodyStructure(this.#index);
  }

  get body(): BodyRef {
    return this.#others.body;
  }

  get internalDateMs(): number {
    return this.#others.internalDateMs;
  }

  get parts(): string {
    return this.#others.parts;
  }

  get preview(): string {
    return this.#others.preview;
  }

  get holders(): readonly AccountId[] {
    return this.#others.holders;
  }

  get #others(): RestOfRecord {
    this.#rest ??= this.#block.rest(this.#index);
    return this.#rest;
  }
}
