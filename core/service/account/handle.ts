/** One session's hold on a shared account: its quota, its listeners, and the right to let go once. */
import type { Decision } from '../../mail/account/decision.ts';
import type { AccountState } from '../../mail/account/state.ts';
import type { AccountKey, MessageId } from '../../mail/ids.ts';
import type { MessageRecord } from '../../mail/message-record.ts';
import type { BodyReader } from './body-reader.ts';
import type { Account, Committed, StagedMessage, WantedMessages } from './contract.ts';
import type { RecordReader } from './record-reader.ts';
import type { AccountPorts } from './settings.ts';
import type { SharedAccount } from './shared-account.ts';
import { stage } from './stage.ts';

export interface HandleEvents {
  /** Somebody wants to hear of changes. */
  listened(): void;
  /** Somebody goes by the state. */
  asked(): void;
  released(): Promise<void>;
}

export class AccountHandle implements Account {
  readonly quotaBytes: number;
  readonly #shared: SharedAccount;
  readonly #ports: AccountPorts;
  readonly #records: RecordReader;
  readonly #bodies: BodyReader;
  readonly #events: HandleEvents;
  readonly #listening = new Set<() => void>();
  #released = false;

  constructor(
    shared: SharedAccount,
    quotaBytes: number,
    ports: AccountPorts,
    records: RecordReader,
    bodies: BodyReader,
    events: HandleEvents,
  ) {
    this.#shared = shared;
    this.quotaBytes = quotaBytes;
    this.#ports = ports;
    this.#records = records;
    this.#bodies = bodies;
    this.#events = events;
  }

  get key(): AccountKey {
    return this.#shared.key;
  }

  get state(): AccountState {
    this.#events.asked();
    return this.#shared.state;
  }

  refresh(): Promise<void> {
    return this.#shared.refresh();
  }

  commit(decide: (state: AccountState) => Decision): Promise<Committed> {
    return this.#shared.commit(decide);
  }

  onChange(listener: () => void): () => void {
    const end = this.#shared.onChange(listener);
    this.#listening.add(end);
    this.#events.listened();
    return () => {
      this.#listening.delete(end);
      end();
    };
  }

  records(ids: readonly MessageId[]): Promise<readonly MessageRecord[]> {
    return this.#records.read(this.key, ids);
  }

  scan(wanted: WantedMessages): AsyncIterable<readonly MessageRecord[]> {
    return this.#records.scan(this.key, this.state.totals.messages, wanted);
  }

  read({ body }: MessageRecord, start: number, end: number): Promise<Uint8Array> {
    return this.#bodies.read(body, start, end);
  }

  stream({ body }: MessageRecord, start: number, end: number): AsyncIterable<Uint8Array> {
    return this.#bodies.stream(body, start, end);
  }

  async stage(octets: AsyncIterable<Uint8Array>, internalDateMs: number): Promise<StagedMessage> {
    const record = await stage(this.#ports, this.key, octets, internalDateMs);
    this.#records.keep(this.key, record);
    const { messageId, body } = record;
    return { messageId, sizeBytes: body.sizeBytes, internalDateMs: record.internalDateMs };
  }

  /** Does not wait for the snapshot that may be cut now. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    for (const end of this.#listening) end();
    await this.#events.released();
  }
}
